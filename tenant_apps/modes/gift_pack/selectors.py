"""Reads of gift packs: what is on sale, and what held when an order was placed."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from saas.kernel.errors import NotFound
from tenant_apps.modes.gift_pack.models import GiftPack


def packs_in_force(sku_ulids: Iterable[str], *, at: dt.datetime) -> dict[str, GiftPack]:
    """By SKU ULID the packs that held at an instant (one statement)."""
    rows = GiftPack.objects.filter(Q(retired_at=None) | Q(retired_at__gt=at), sku_ulid__in=list(sku_ulids))
    return {row.sku_ulid: row for row in rows.filter(created_at__lte=at).order_by("pk")}


def packs() -> QuerySet[GiftPack]:
    """The packs on sale, newest first."""
    return GiftPack.objects.filter(retired_at=None).order_by("-pk")


def pack(ulid: str) -> GiftPack:
    """One pack, retired or not. Raises NotFound."""
    row = GiftPack.objects.filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def earlier(sku_ulid: str) -> list[GiftPack]:
    """What a SKU was sold as before, newest first."""
    return list(GiftPack.objects.filter(sku_ulid=sku_ulid, retired_at__isnull=False).order_by("-pk"))


def grants_text(pack: GiftPack) -> str:
    """What a pack grants, in a few words."""
    if pack.rank:
        return _("Grants the rank V{rank}").format(rank=pack.rank)
    grades = {"district": _("district"), "city": _("city"), "province": _("province")}
    text = _("Grants the application for an agency of a {grade}, {months} months")
    return text.format(grade=grades[pack.agency_grade], months=pack.agency_months)
