"""Vouchers of members: drawn out of lots, reserved and spent by orders, returned, recalled, expired (MODES 11e).

They come out of lots and nowhere else; there is no way to buy, sell, give or cash one (MODES 14 #8).
"""

import datetime as dt

from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.money import format_yuan
from tenant_apps.modes.subsidy.models import Holder, Voucher, VoucherUse
from tenant_apps.modes.subsidy.states import UseState


class VouchersShort(DomainError):
    """The member has fewer vouchers than he wants to spend; `left` is what he has (fen)."""

    code = "vouchers_short"
    http_status = 422
    message = _("You have vouchers of {left_text} only.")  # type: ignore[assignment]


_LOCK = """
INSERT INTO subsidy_holder (member_ulid, wants_notice, looked_at) VALUES (%(member)s, false, %(looked_at)s)
ON CONFLICT (member_ulid) DO UPDATE SET looked_at = coalesce(%(looked_at)s, subsidy_holder.looked_at)
RETURNING id, wants_notice, looked_at"""


def lock_holder(member_ulid: str, *, looked_at: dt.datetime | None = None) -> Holder:
    """The member's row, new if need be, locked until the transaction ends (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"member": member_ulid, "looked_at": looked_at})
        pk, wants_notice, looked = cursor.fetchone()
    return Holder(pk=pk, member_ulid=member_ulid, wants_notice=wants_notice, looked_at=looked)


def reserve(*, member_ulid: str, order_ulid: str, amount: int, now: dt.datetime) -> None:
    """Set vouchers of `amount` fen aside for an order that is being placed, those that expire first. Raises VouchersShort."""
    holder = lock_holder(member_ulid)
    valid = Q(expires_at=None) | Q(expires_at__gt=now)
    rows = Voucher.objects.filter(valid, holder=holder, left_amount__gt=0)
    taken: list[VoucherUse] = []
    wanted = amount
    changed: list[Voucher] = []
    for row in rows.order_by(F("expires_at").asc(nulls_last=True), "pk"):
        part = min(row.left_amount, wanted)
        if not part:
            break
        row.left_amount -= part
        wanted -= part
        changed.append(row)
        taken.append(VoucherUse(voucher=row, order_ulid=order_ulid, amount=part, used_at=now))
    if wanted:
        left = amount - wanted
        raise VouchersShort(left=left, left_text=f"¥{format_yuan(left)}", field="voucher_amount")
    Voucher.objects.bulk_update(changed, ["left_amount"])
    VoucherUse.objects.bulk_create(taken)


def mark_spent(*, order_ulid: str) -> None:
    """The order is paid: its vouchers are spent."""
    VoucherUse.objects.filter(order_ulid=order_ulid, state=UseState.RESERVED).update(state=UseState.SPENT)


def mark_settled(*, order_ulid: str) -> None:
    """The reserve has paid the order's vouchers."""
    VoucherUse.objects.filter(order_ulid=order_ulid, state=UseState.SPENT).update(state=UseState.SETTLED)


def release(*, order_ulid: str) -> int:
    """The order was given up before it was paid: its vouchers are free again; fen."""
    return _give_back(order_ulid, None, UseState.RETURNED)


def give_back(*, order_ulid: str, amount: int) -> int:
    """A refund returns `amount` fen of an order's vouchers with their old expiry, the longest valid first; fen returned."""
    return _give_back(order_ulid, amount, None)


def _give_back(order_ulid: str, amount: int | None, state: UseState | None) -> int:
    owner = (
        VoucherUse.objects.filter(order_ulid=order_ulid).values_list("voucher__holder__member_ulid", flat=True).first()
    )
    if owner is None:
        return 0
    lock_holder(owner)
    uses = VoucherUse.objects.filter(order_ulid=order_ulid).select_related("voucher")
    if state is not None:
        uses = uses.filter(state=UseState.RESERVED)
    returned, changed = 0, []
    for use in uses.order_by(F("voucher__expires_at").desc(nulls_first=True), "-pk"):
        part = use.amount - use.returned_amount
        if amount is not None:
            part = min(part, amount - returned)
        if part:
            use.returned_amount += part
            use.voucher.left_amount += part
            use.state = state or use.state
            changed.append(use)
            returned += part
    VoucherUse.objects.bulk_update(changed, ["returned_amount", "state"])
    Voucher.objects.bulk_update([use.voucher for use in changed], ["left_amount"])
    return returned


def recall(*, member_ulid: str, amount: int) -> int:
    """Take up to `amount` fen of unspent vouchers back, the newest first; fen taken. The holder is locked."""
    left, changed = amount, []
    rows = Voucher.objects.filter(holder=lock_holder(member_ulid), left_amount__gt=0)
    for row in rows.order_by("-pk"):
        part = min(row.left_amount, left)
        if not part:
            break
        row.left_amount -= part
        row.recalled_amount += part
        left -= part
        changed.append(row)
    Voucher.objects.bulk_update(changed, ["left_amount", "recalled_amount"])
    return amount - left


def expired_ones(*, now: dt.datetime, limit: int = 1000) -> list[int]:
    """Vouchers whose time is over and that have something left (pks), the oldest first."""
    rows = Voucher.objects.filter(expires_at__lte=now, left_amount__gt=0).order_by("expires_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def expire(*, voucher_id: int, now: dt.datetime) -> tuple[Voucher, int]:
    """Write off what is left of a voucher whose time is over; the row and the fen written off, 0 if nothing was left."""
    owner = Voucher.objects.filter(pk=voucher_id).values_list("holder__member_ulid", flat=True).get()
    lock_holder(owner)
    row = Voucher.objects.select_related("pool").get(pk=voucher_id)
    if not row.left_amount or row.expires_at is None or row.expires_at > now:
        return row, 0
    amount = row.left_amount
    row.expired_amount, row.left_amount = row.expired_amount + amount, 0
    row.save(update_fields=["expired_amount", "left_amount"])
    return row, amount


def ask_for_notice(*, member_ulid: str, wants: bool) -> Holder:
    """Whether a member is told of new vouchers: then they are drawn for him every night."""
    holder = lock_holder(member_ulid)
    holder.wants_notice = wants
    holder.save(update_fields=["wants_notice"])
    return holder


def waiting_for_notice(*, before: dt.datetime, limit: int = 1000) -> list[str]:
    """Members who want a notice and whose lots were not looked at since `before`."""
    rows = Holder.objects.filter(Q(looked_at=None) | Q(looked_at__lt=before), wants_notice=True)
    return list(rows.order_by("pk").values_list("member_ulid", flat=True)[:limit])
