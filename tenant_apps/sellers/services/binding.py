"""Which store a member belongs to: bound once when he joins, changed by staff with a reason."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.errors import InvalidInput
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED, SellerKind, SellerState

PARTNER = "partner"


def bind_at_joining(*, member: Member, store_code: str, now: dt.datetime) -> str:
    """Bind a member who has just joined: to the store whose link he came by, else to that of the partner or store owner
    who invited him. The store's ULID, empty where there is none. A member who has a store keeps it.
    """
    if member.store_ulid or member.joined_at != now:
        return member.store_ulid
    store = selectors.store_by_code(store_code) if store_code else None
    source, ulid = "link", store.ulid if store else ""
    if not ulid and member.referrer is not None:
        source, ulid = "referrer", _store_of_referrer(member.referrer, now)
    if ulid:
        with transaction.atomic():
            Member.objects.filter(pk=member.pk).update(store_ulid=ulid)
            audit.record(
                f"member:{member.ulid}", "store.bound", target=f"member:{member.ulid}", store=ulid, source=source
            )
        member.store_ulid = ulid
    return ulid


def change_store(*, member: Member, store_ulid: str, reason: str, actor: str, now: dt.datetime) -> None:
    """Bind a member to another store, or to none: staff only, with a reason. Paid orders keep theirs.

    Raises InvalidInput (reason, store_ulid).
    """
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    with transaction.atomic():
        locked = Member.objects.select_for_update().get(pk=member.pk)
        if store_ulid and not Seller.objects.filter(ulid=store_ulid, kind=SellerKind.STORE).exclude(
            state__in=sorted(ENDED)
        ):
            raise InvalidInput(gettext("There is no such store."), field="store_ulid")
        before, locked.store_ulid = locked.store_ulid, store_ulid
        locked.save(update_fields=["store_ulid"])
        audit.record(
            actor,
            "store.changed",
            target=f"member:{member.ulid}",
            reason=reason.strip(),
            before=before,
            after=store_ulid,
        )
    member.store_ulid = store_ulid


def _store_of_referrer(referrer: Member, now: dt.datetime) -> str:
    own = (
        Seller.objects.filter(owner=referrer, kind=SellerKind.STORE, state=SellerState.ACTIVE)
        .order_by("pk")
        .values_list("ulid", flat=True)
        .first()
    )
    if own:
        return own
    is_partner = referrer.level == PARTNER and (referrer.level_until is None or referrer.level_until > now)
    return referrer.store_ulid if is_partner else ""
