"""Full reductions and coupons in a purchase: what they take off which lines, which coupons are best, why others do nothing."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saas.kernel.errors import DomainError
from saas.kernel.money import format_yuan
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.modes.contract import SellerKind
from tenant_apps.orders.pricing import Discount
from tenant_apps.orders.services import flash_payment
from tenant_apps.orders.services.quoted import QuotedLine
from tenant_apps.promotions import reductions as rules_of_reductions
from tenant_apps.promotions import rules, selectors
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.reductions import Hint
from tenant_apps.promotions.rules import Earlier, Fault, Goods, Held

_PREFIX = "coupon:"
_REDUCTION = "full:"


class CouponNotUsable(DomainError):
    """A chosen coupon takes nothing off this purchase; `reason` says why."""

    code = "coupon_not_usable"
    http_status = 422
    message = gettext_lazy("“{title}” cannot be used here: {reason}")  # type: ignore[assignment]


@dataclass(frozen=True)
class Choice:
    """A member's coupon at checkout: what it takes off by itself, or why nothing; whether it is among the best."""

    coupon: Held
    amount: int = 0
    reason: str = ""
    is_best: bool = False


def reductions(lines: Sequence[QuotedLine], rows: Iterable[Coupon]) -> tuple[Discount, ...]:
    """What the running full reductions among `rows` take off."""
    running = [selectors.as_reduction(row) for row in rows if row.kind == rules.CouponKind.STEPS]
    return tuple(
        Discount(f"{_REDUCTION}{cut.reduction.ulid}", cut.reduction.title, cut.reduction.funder, cut.amount, cut.keys)
        for cut in (rules_of_reductions.cuts(running, goods_of(lines)) if running else ())
    )


def hints(lines: Sequence[QuotedLine], *, now: dt.datetime) -> list[Hint]:
    """The next steps of running full reductions that these goods count for, the nearest first."""
    running = selectors.reductions(now=now)
    return rules_of_reductions.hints(running, goods_of(lines)) if running else []


def discounts(
    lines: Sequence[QuotedLine],
    ulids: Sequence[str],
    *,
    member_ulid: str,
    now: dt.datetime,
    earlier: Sequence[Discount] = (),
) -> tuple[Discount, ...]:
    """What the member's coupons take off after full reductions (`earlier`), as the waterfall takes it.

    Raises CouponNotUsable; without coupons no statement.
    """
    if not ulids:
        return ()
    wanted = list(dict.fromkeys(ulids))
    held = selectors.held(member_ulid, ulids=wanted)
    if len(held) < len(wanted):
        raise CouponNotUsable(title=_("Coupon"), reason=_("it is used by another order."), field="coupon")
    goods = goods_of(lines)
    given, faults = rules.apply(held, goods, now=now, earlier=[_earlier(one) for one in earlier])
    for coupon in held:
        if coupon.ulid in faults:
            raise CouponNotUsable(title=coupon.title, reason=why(coupon, faults[coupon.ulid], goods), field="coupon")
    return tuple(
        Discount(f"{_PREFIX}{one.coupon.ulid}", one.coupon.title, one.coupon.funder, one.amount, one.keys)
        for one in given
    )


def choices(lines: Sequence[QuotedLine], *, member_ulid: str, now: dt.datetime) -> list[Choice]:
    """Every coupon of the member's for these lines (one statement): the usable first, those worth most before others."""
    held, goods = selectors.held(member_ulid), goods_of(lines)
    earlier = _earlier_of(lines)
    best = {one.ulid for one in rules.best(held, goods, now=now, earlier=earlier)}
    found = []
    for coupon in held:
        given, faults = rules.apply([coupon], goods, now=now, earlier=earlier)
        if given:
            found.append(Choice(coupon, given[0].amount, is_best=coupon.ulid in best))
        elif faults[coupon.ulid] is not Fault.EXPIRED:
            found.append(Choice(coupon, reason=why(coupon, faults[coupon.ulid], goods)))
    return sorted(found, key=lambda one: (-one.amount, one.coupon.expires_at, one.coupon.ulid))


def _earlier(discount: Discount) -> Earlier:
    return Earlier(discount.funder, discount.amount, discount.keys)


def _earlier_of(lines: Sequence[QuotedLine]) -> list[Earlier]:
    """Full reductions that a quote has taken off its lines."""
    found = {
        share.discount.source: share.discount
        for line in lines
        for share in line.shares
        if share.discount.source.startswith(_REDUCTION)
    }
    return [_earlier(one) for one in found.values()]


def amounts(lines: Sequence[QuotedLine]) -> Mapping[str, int]:
    """ULID of each coupon used → fen that it takes off all lines together."""
    found: dict[str, int] = {}
    for line in lines:
        for share in line.shares:
            if share.discount.source.startswith(_PREFIX):
                ulid = share.discount.source.removeprefix(_PREFIX)
                found[ulid] = found.get(ulid, 0) + share.amount
    return found


def goods_of(lines: Sequence[QuotedLine]) -> list[Goods]:
    """The lines that coupons may touch, as their rules see them: goods, never fees, nor goods at a flash sale's price."""
    return [
        Goods(
            key=line.offer.key,
            product_ulid=line.offer.product_ulid,
            zone=line.offer.zone,
            level_amount=line.amounts.level_amount,
            seller_ulid=line.offer.seller_ulid,
            categories=tuple(line.offer.categories),
            cut_by_seller=line.seller.kind is not SellerKind.SUPPLIER,
        )
        for line in lines
        if line.offer.kind == ProductKind.GOODS and not flash_payment.is_flash(line)
    ]


def why(coupon: Held, fault: Fault, goods: Sequence[Goods]) -> str:
    """A fault in words for the shopper."""
    match fault:
        case Fault.EXPIRED:
            return _("it has expired.")
        case Fault.OTHER_GOODS:
            return _("it is for other goods.")
        case Fault.BELOW:
            lack = f"¥{format_yuan(rules.missing(coupon, goods))}"
            return _("%(amount)s more of its goods are needed.") % {"amount": lack}
        case Fault.ONE_EACH:
            return _("an order takes one coupon of the mall and one of each seller.")
        case Fault.NOTHING_LEFT:
            return _("other coupons pay for these goods already.")
