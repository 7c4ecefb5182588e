"""Vouchers of the universal subsidy in payment: how much of which line they may pay (MODES 1, 11e)."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.money import format_yuan
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.modes.contract import SellerKind
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.orders.services.quoted import QuotedLine


class VouchersNotTaken(DomainError):
    """More than vouchers may pay of these goods; `limit` is what they may (fen)."""

    code = "vouchers_not_taken"
    http_status = 422
    message = _("Vouchers may pay {limit_text} of this order.")  # type: ignore[assignment]


def rates(lines: Sequence[QuotedLine], settings: SubsidySettings | None) -> list[int]:
    """The part of each line (ppm) that vouchers may pay: goods of the mall itself, and of sellers who signed the terms."""
    most = settings.voucher_max_order_ppm if settings is not None else 0
    return [most if _takes(line) else 0 for line in lines]


def check(wanted: int, limit: int) -> None:
    """Raise VouchersNotTaken unless `wanted` fen are within `limit`."""
    if not 0 <= wanted <= limit:
        raise VouchersNotTaken(limit=limit, limit_text=f"¥{format_yuan(limit)}", field="voucher_amount")


def _takes(line: QuotedLine) -> bool:
    if line.offer.kind != ProductKind.GOODS or not line.offer.zone_terms.vouchers:
        return False
    return line.seller.kind is SellerKind.SELF or line.seller.vouchers
