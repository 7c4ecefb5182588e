"""Where a shop is paid: what its owner asked for and finance agreed to, else what stood in its application. Reads; sealed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saas.kernel.clock import CHINA
from saas.kernel.keyring import Undecryptable
from saas.tenants.vault import services as vault
from tenant_apps.sellers import applications
from tenant_apps.sellers.models import Application, Seller

__all__ = ["CHINA", "COOLING", "Payee", "opened", "payee_of", "sealed", "wish_of"]

COOLING = dt.timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Payee:
    """A bank account and whose it is."""

    name: str = ""
    bank: str = ""
    account: str = ""

    @property
    def masked(self) -> str:
        """The number as pages show it: the last four digits."""
        return f"**** {self.account[-4:]}" if self.account else ""


def sealed(seller_ulid: str, payee: Payee) -> dict[str, str]:
    """A payee as Seller.payee keeps it."""
    number = vault.seal(payee.account, table="sellers_seller", field="payee", row=seller_ulid)
    return {"name": payee.name, "bank": payee.bank, "account": number}


def opened(seller_ulid: str, stored: Mapping[str, Any]) -> Payee:
    """The payee that `sealed` kept; without the number where it came from another mall's copy."""
    try:
        number = vault.unseal(stored["account"], table="sellers_seller", field="payee", row=seller_ulid)
    except Undecryptable:
        number = ""
    return Payee(name=stored["name"], bank=stored["bank"], account=number)


def payee_of(row: Seller) -> Payee | None:
    """Where a shop is paid, or None: nobody ever said."""
    if row.payee.get("account"):
        return opened(row.ulid, row.payee)
    written = Application.objects.filter(seller=row).first()
    if written is None or not written.payee_account:
        return None
    return Payee(name=written.payee_name, bank=written.payee_bank, account=applications.account_of(written))


def wish_of(row: Seller) -> Payee | None:
    """The account that the owner asks for, or None."""
    return opened(row.ulid, row.payee["wish"]) if row.payee.get("wish") else None
