"""Who a vendor is: handed in by the vendor, checked by an operator. Before that a vendor has one mall, not open to all."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.support.models import Verification
from saas.support.rules import VerificationState, licence_right
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Vendor


class BadLicence(InvalidInput):
    """Not a unified social credit code."""

    code = "bad_licence"
    message = _("This is no unified social credit code: 18 characters, the last one checks the others.")


class PersonMissing(InvalidInput):
    """No legal representative."""

    code = "legal_person_missing"
    message = _("Please enter the legal representative.")


class ReasonMissing(InvalidInput):
    """A refusal without its reason."""

    code = "refusal_reason_missing"
    message = _("Please say what is wrong: the vendor reads it.")


class VerificationNeeded(DomainError):
    """A vendor that is not verified has one mall."""

    code = "verification_needed"
    http_status = 403
    message = _("Before your company is verified you can have one mall.")


def submit(*, vendor: Vendor, licence_number: str, legal_person: str, actor: str, now: dt.datetime) -> Verification:
    """Hand in the licence; a changed licence is checked anew. Raises BadLicence, PersonMissing."""
    number = licence_number.strip().upper()
    if not licence_right(number):
        raise BadLicence(field="licence_number")
    if not legal_person.strip():
        raise PersonMissing(field="legal_person")
    with transaction.atomic():
        row, _made = Verification.objects.update_or_create(
            vendor=vendor,
            defaults={
                "state": VerificationState.IN_REVIEW,
                "licence_number": number,
                "legal_person": legal_person.strip()[:60],
                "note": "",
                "submitted_at": now,
                "decided_at": None,
                "decided_by": "",
            },
        )
        audit.record(actor, "vendor.verification_submitted", target=f"vendor:{vendor.ulid}", licence=number)
    return row


def decide(*, vendor: Vendor, verified: bool, note: str, actor: str, now: dt.datetime) -> Verification:
    """An operator has looked. Raises NotFound (nothing handed in), ReasonMissing."""
    if not verified and not note.strip():
        raise ReasonMissing(field="note")
    with transaction.atomic():
        row = Verification.objects.select_for_update().filter(vendor=vendor).first()
        if row is None:
            raise NotFound
        row.state = VerificationState.VERIFIED if verified else VerificationState.REFUSED
        row.note, row.decided_at, row.decided_by = note.strip()[:300], now, actor
        row.save()
        audit.record(actor, f"vendor.{row.state}", target=f"vendor:{vendor.ulid}", reason=note)
    return row


def is_verified(vendor: Vendor) -> bool:
    """Whether the vendor may have what only verified ones may; where no verification is required, everybody."""
    if not settings.VERIFICATION_REQUIRED:
        return True
    return Verification.objects.filter(vendor=vendor, state=VerificationState.VERIFIED).exists()


def require_room(vendor: Vendor) -> None:
    """Raise VerificationNeeded if the vendor has a mall and is not verified."""
    if not is_verified(vendor) and vendor_facts.places_of_vendor(vendor).exists():
        raise VerificationNeeded
