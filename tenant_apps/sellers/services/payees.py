"""Where a shop is paid: its owner asks for another account, finance look and agree, and money waits a day after the change."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.messaging.notices import services as notices
from tenant_apps.members.models import Member
from tenant_apps.sellers import payees
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.payees import COOLING, Payee
from tenant_apps.sellers.services.editing import locked


class PayeeCooling(DomainError):
    """The account was changed a moment ago: money is sent after a day, so that its owner can object."""

    code = "payee_cooling"
    message = _("The account of this seller was changed less than 24 hours ago. Statements can be paid from {day} on.")


def ask_payee(*, seller_ulid: str, payee: Payee, member: Member, now: dt.datetime) -> Seller:
    """The owner asks that the shop is paid to another account; the one in use stays until finance agree. He is told by SMS.

    Raises NotFound (for anybody else), InvalidInput (payee_name, payee_bank, payee_account).
    """
    payee = Payee(name=payee.name.strip(), bank=payee.bank.strip(), account=payee.account.replace(" ", ""))
    if not 2 <= len(payee.name) <= 80:
        raise InvalidInput(gettext("Give the name of the account's owner."), field="payee_name")
    if not 2 <= len(payee.bank) <= 60:
        raise InvalidInput(gettext("Give the bank with its branch."), field="payee_bank")
    if not (payee.account.isascii() and payee.account.isdigit() and 8 <= len(payee.account) <= 30):
        raise InvalidInput(gettext("The account number has 8 to 30 digits."), field="payee_account")
    with transaction.atomic():
        row = locked(seller_ulid)
        if row.owner_id != member.pk:
            raise NotFound
        wish = {**payees.sealed(seller_ulid, payee), "at": now.isoformat(), "by": f"member:{member.ulid}"}
        _store(row, {**row.payee, "wish": wish, "refused": ""}, now)
        audit.record(f"member:{member.ulid}", "seller.payee_asked", target=f"seller:{seller_ulid}", bank=payee.bank)
        if member.user.phone:
            notices.send_notice(
                kind="payee_asked",
                to_phone=member.user.phone,
                context={"shop": row.name, "tail": payee.account[-4:]},
                key=f"payee_asked:{seller_ulid}:{now.isoformat()}",
            )
    return row


def withdraw_payee(*, seller_ulid: str, member: Member, now: dt.datetime) -> Seller:
    """The owner takes his wish back. Raises NotFound."""
    with transaction.atomic():
        row = locked(seller_ulid)
        if row.owner_id != member.pk or not row.payee.get("wish"):
            raise NotFound
        _store(row, {**row.payee, "wish": None}, now)
        audit.record(f"member:{member.ulid}", "seller.payee_withdrawn", target=f"seller:{seller_ulid}")
    return row


def decide_payee(
    *, seller_ulid: str, agrees: bool, seen: str, reason: str = "", actor: str, now: dt.datetime
) -> Seller:
    """Finance agree to the wished account, or refuse it with a reason the owner reads. `seen`: when it was asked for.

    Who asked is another person than who agrees. Raises NotFound (also where the wish is not the one seen), InvalidInput.
    """
    with transaction.atomic():
        row = locked(seller_ulid)
        wish = row.payee.get("wish")
        if not wish or wish["at"] != seen:
            raise NotFound
        if not agrees and not reason.strip():
            raise InvalidInput(gettext("Please say why."), field="reason")
        if agrees:
            kept = {key: wish[key] for key in ("name", "bank", "account")}
            _store(row, {**kept, "changed_at": now.isoformat(), "wish": None, "refused": ""}, now)
        else:
            _store(row, {**row.payee, "wish": None, "refused": reason.strip()[:200]}, now)
        word = "seller.payee_changed" if agrees else "seller.payee_refused"
        audit.record(actor, word, target=f"seller:{seller_ulid}", reason=reason.strip(), asked_by=wish["by"])
    return row


def check_cooled(row: Seller, *, now: dt.datetime) -> None:
    """Raise PayeeCooling while the account is younger than a day."""
    changed = row.payee.get("changed_at", "")
    if changed:
        free = dt.datetime.fromisoformat(changed) + COOLING
        if now < free:
            raise PayeeCooling(day=free.astimezone(payees.CHINA).strftime("%Y-%m-%d %H:%M"))


def _store(row: Seller, payee: dict[str, Any], now: dt.datetime) -> None:
    row.payee, row.updated_at = payee, now
    row.save(update_fields=["payee", "updated_at"])
