"""A seller signs the terms of the subsidy's vouchers, himself or by the mall's staff, and ends it again (MODES 11e)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.members.models import Member
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED
from tenant_apps.sellers.services.editing import locked
from tenant_apps.sellers.voucher_terms import CURRENT


class VoucherTermsChanged(DomainError):
    """The terms have a newer version than the one that was read; nothing was signed."""

    code = "voucher_terms_changed"
    message = _("The voucher terms have changed: please read them again.")  # type: ignore[assignment]


class ShopClosed(DomainError):
    """A closed shop signs nothing."""

    code = "shop_closed"
    message = _("This shop is closed: it takes no vouchers.")  # type: ignore[assignment]


def sign_voucher_terms(*, ulid: str, signed: bool, actor: str, now: dt.datetime, version: int = CURRENT) -> Seller:
    """A seller takes vouchers of the subsidy in payment from now on, or no longer; orders placed keep theirs.

    Raises NotFound, ShopClosed, VoucherTermsChanged.
    """
    with transaction.atomic():
        row = locked(ulid)
        if signed and row.state in ENDED:
            raise ShopClosed
        if signed and version != CURRENT:
            raise VoucherTermsChanged
        row.voucher_terms_at, row.voucher_terms_by = (now, actor) if signed else (None, "")
        before, row.voucher_terms_version = row.voucher_terms_version, version if signed else 0
        row.save(update_fields=["voucher_terms_at", "voucher_terms_by", "voucher_terms_version"])
        told = "seller.voucher_terms_signed" if signed else "seller.voucher_terms_ended"
        audit.record(actor, told, target=f"seller:{ulid}", version=version if signed else before)
    return row


def answer_voucher_terms(
    *, ulid: str, member: Member, signed: bool, agreed: bool, version: int, now: dt.datetime
) -> Seller:
    """The owner signs the terms that he has read, or ends them; his own name stands in the audit.

    Raises NotFound (another's shop too), InvalidInput (not agreed), ShopClosed, VoucherTermsChanged.
    """
    if not Seller.objects.filter(ulid=ulid, owner=member).exists():
        raise NotFound
    if signed and not agreed:
        raise InvalidInput(gettext("Please say that you agree to the voucher terms."), field="agreed")
    return sign_voucher_terms(ulid=ulid, signed=signed, actor=f"member:{member.ulid}", now=now, version=version)
