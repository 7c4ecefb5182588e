"""Memberships begin when they are paid and end when they run out or are given back; the member's level follows."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from saas.identity import audit
from saas.kernel.ids import new_ulid
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import ProductDraft, ProductKind, ProductStatus, SkuDraft
from tenant_apps.members import services as members
from tenant_apps.members.rules import LEVEL_ORDINARY, LEVEL_PARTNER
from tenant_apps.modes.partner_membership.models import Membership
from tenant_apps.modes.partner_membership.settings import PartnerMembershipSettings

_PLENTY = 1_000_000


def start_membership(
    *, member_ulid: str, order_ulid: str, fee_amount: int, settings: PartnerMembershipSettings, now: dt.datetime
) -> Membership:
    """A fee (fen) has been paid: the benefits begin at once, or where the terms before it end. Once an order."""
    with transaction.atomic():
        members.lock_member(member_ulid=member_ulid)
        known = Membership.objects.filter(order_ulid=order_ulid).first()
        if known is not None:
            return known
        latest = _live(member_ulid, now).order_by("-ends_at").first()
        starts_at = latest.ends_at if latest else now
        row = Membership(
            ulid=new_ulid(),
            member_ulid=member_ulid,
            order_ulid=order_ulid,
            fee_amount=fee_amount,
            days=settings.days,
            cooling_off_days=settings.cooling_off_days,
            bought_at=now,
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(days=settings.days),
        )
        row.save(force_insert=True)
        _set_level(member_ulid, now, "membership.started", row)
    return row


def end_membership(*, order_ulid: str, actor: str, now: dt.datetime) -> bool:
    """The membership of an order is given back: it ends now, and terms after it move up; whether one was live.

    Raises nothing for an order that bought none.
    """
    with transaction.atomic():
        row = Membership.objects.filter(order_ulid=order_ulid, ended_at=None).first()
        if row is None:
            return False
        members.lock_member(member_ulid=row.member_ulid)
        end = min(row.ends_at, max(now, row.starts_at))
        unused = row.ends_at - end
        for later in Membership.objects.filter(
            member_ulid=row.member_ulid, ended_at=None, starts_at__gte=row.ends_at
        ).exclude(pk=row.pk):
            later.starts_at, later.ends_at = later.starts_at - unused, later.ends_at - unused
            later.save(update_fields=["starts_at", "ends_at"])
        row.ends_at, row.ended_at = end, now
        row.save(update_fields=["ends_at", "ended_at"])
        _set_level(row.member_ulid, now, "membership.ended", row, actor=actor)
    return True


def offer_membership(*, settings: PartnerMembershipSettings, actor: str, now: dt.datetime) -> Product:
    """Put the membership on sale: one product of its kind, made when first asked for. Its price is the fee in force."""
    with transaction.atomic():
        product = Product.objects.filter(kind=ProductKind.MEMBERSHIP).order_by("pk").first()
        if product is None:
            title = _("Partner membership, {days} days").format(days=settings.days)
            sku = SkuDraft((), settings.fee_fen, supply_amount=0, stock=_PLENTY)
            draft = ProductDraft(title=title, skus=(sku,), kind=ProductKind.MEMBERSHIP)
            product = catalog.create_product(draft=draft, actor=actor, now=now)
        if product.status != ProductStatus.ON_SHELF:
            product = catalog.put_on_shelf(ulid=product.ulid, actor=actor, now=now)
    return product


def _live(member_ulid: str, now: dt.datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(member_ulid=member_ulid, ended_at=None, ends_at__gt=now)


def _set_level(member_ulid: str, now: dt.datetime, action: str, row: Membership, actor: str = "system") -> None:
    latest = _live(member_ulid, now).order_by("-ends_at").first()
    until = latest.ends_at if latest else None
    members.set_level(member_ulid=member_ulid, level=LEVEL_PARTNER if until else LEVEL_ORDINARY, until=until)
    audit.record(
        actor,
        action,
        target=f"member:{member_ulid}",
        order=row.order_ulid,
        until=until.isoformat() if until else "",
    )
