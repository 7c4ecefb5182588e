"""The lots and vouchers of an account that was closed end (MODES 2, edge cases): points lapse, nothing is asked back."""

from dataclasses import dataclass

from tenant_apps.modes.subsidy import rules, selectors
from tenant_apps.modes.subsidy.models import Cohort, Lot, Pool, Voucher
from tenant_apps.modes.subsidy.rules import LIVE, Side
from tenant_apps.modes.subsidy.services import vouchers


@dataclass(frozen=True, kw_only=True)
class Ended:
    """For the book: fen that fall back to the fund and centi-points that are burnt, by the cohort's account; vouchers
    that were written off (fen); `newest` lot or voucher among them, which names what was done.
    """

    returned: tuple[tuple[str, int], ...] = ()
    points: tuple[tuple[str, int], ...] = ()
    vouchers: int = 0
    newest: str = ""


def pools_of(member_ulid: str) -> list[str]:
    """Keys of the pools in which a member has lots or unspent vouchers; ownership of shops' lots ends here."""
    Lot.objects.filter(holder_ulid=member_ulid, side=Side.MERCHANT, is_closed=False).update(holder_ulid="")
    held = Lot.objects.filter(holder_ulid=member_ulid, is_closed=False).values_list("cohort__pool__key", flat=True)
    unspent = Voucher.objects.filter(holder__member_ulid=member_ulid, left_amount__gt=0)
    return sorted({*held, *unspent.values_list("pool__key", flat=True)})


def end_lots(*, pool: Pool, member_ulid: str) -> Ended:
    """Every open lot of a member leaves its cohort of a locked pool; unspent vouchers are written off as expired.

    What a lot had become in vouchers stays issued: only what was not drawn falls back.
    """
    holder = vouchers.lock_holder(member_ulid)
    cohorts: dict[int, Cohort] = {}
    returned: dict[str, int] = {}
    points: dict[str, int] = {}
    newest = ""
    rows = Lot.objects.filter(holder_ulid=member_ulid, is_closed=False, cohort__pool=pool).order_by("pk")
    for lot in rows.select_for_update(of=("self",)):
        cohort = cohorts.setdefault(lot.cohort_id, Cohort.objects.get(pk=lot.cohort_id))
        before = selectors.as_rule(cohort)
        after, fallen = rules.leave(before, lot.points)
        fallen += lot.liquidated_amount - lot.drawn_amount
        returned[cohort.account] = returned.get(cohort.account, 0) + fallen
        if before.status in LIVE:
            points[cohort.account] = points.get(cohort.account, 0) + lot.points
        cohort.weight, cohort.lots = after.weight, cohort.lots - 1
        cohort.liquidated_amount -= lot.liquidated_amount
        cohort.save(update_fields=["weight", "lots", "liquidated_amount"])
        lot.points, lot.liquidated_amount, lot.is_closed, newest = 0, 0, True, f"l{lot.pk}"
        lot.save(update_fields=["points", "liquidated_amount", "is_closed"])
    written_off = 0
    for row in Voucher.objects.filter(holder=holder, pool=pool, left_amount__gt=0).order_by("pk"):
        written_off, newest = written_off + row.left_amount, f"{newest}v{row.pk}"
        row.expired_amount, row.left_amount = row.expired_amount + row.left_amount, 0
        row.save(update_fields=["expired_amount", "left_amount"])
    return Ended(
        returned=tuple(sorted(returned.items())),
        points=tuple(sorted(points.items())),
        vouchers=written_off,
        newest=newest,
    )
