"""Vouchers of the universal subsidy in payment: how much of which line they may pay, and the lines as they then cost (MODES 1, 11e)."""

import dataclasses
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.money import allocate, format_yuan, pct
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.modes import selling
from tenant_apps.modes.contract import SellerKind
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.orders.services.quoted import QuotedLine


class VouchersNotTaken(DomainError):
    """More than vouchers may pay of these goods; `limit` is what they may (fen)."""

    code = "vouchers_not_taken"
    http_status = 422
    message = _("Vouchers may pay {limit_text} of this order.")  # type: ignore[assignment]


def limits(lines: Sequence[QuotedLine], settings: SubsidySettings | None) -> list[int]:
    """Fen of each line that vouchers may pay: goods of the mall itself, and of sellers who signed the voucher terms."""
    if settings is None:
        return [0] * len(lines)
    return [pct(line.amounts.cash_amount, settings.voucher_max_order_ppm) if _takes(line) else 0 for line in lines]


def pay(lines: Sequence[QuotedLine], wanted: int, most: Sequence[int]) -> tuple[QuotedLine, ...]:
    """The lines with `wanted` fen of them paid by vouchers, spread by what each may take. Raises VouchersNotTaken."""
    if not wanted:
        return tuple(lines)
    limit = sum(most)
    if not 0 < wanted <= limit:
        raise VouchersNotTaken(limit=limit, limit_text=f"¥{format_yuan(limit)}", field="voucher_amount")
    return tuple(_paid(line, part) for line, part in zip(lines, allocate(wanted, list(most)), strict=True))


def _takes(line: QuotedLine) -> bool:
    if line.offer.kind != ProductKind.GOODS:
        return False
    return line.seller.kind is SellerKind.SELF or line.seller.vouchers


def _paid(line: QuotedLine, part: int) -> QuotedLine:
    cash = line.amounts.cash_amount - part
    cost = selling.supply_cost(line.seller, qty=line.qty, supply_price=line.offer.supply_amount or 0, cash=cash)
    amounts = dataclasses.replace(line.amounts, voucher_amount=part, cash_amount=cash, supply_cost_amount=cost)
    return dataclasses.replace(line, amounts=amounts)
