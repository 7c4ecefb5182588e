"""Staff create and change sellers, open, pause and close them, and file the mall's own licence."""

import datetime as dt
import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors
from tenant_apps.sellers.models import EdiLicence, Seller
from tenant_apps.sellers.rules import (
    CODE_ALPHABET,
    TRANSITIONS,
    SellerDraft,
    SellerState,
    draft_fault,
    tiers_fault,
)


class SellerInvalid(InvalidInput):
    """A field of a seller cannot be; `field` names it."""

    code = "seller_invalid"
    message = _("Please check this field.")  # type: ignore[assignment]


class LicenceMissing(DomainError):
    """A seller sells only with a verified licence (MODES 14 #16)."""

    code = "seller_licence_missing"
    http_status = 422
    message = _("Enter the company and the number of the licence, still valid, before this seller may sell.")  # type: ignore[assignment]


class EdiLicenceMissing(DomainError):
    """A live mall hosts third-party sellers only with its EDI licence on file (MODES 14 #21)."""

    code = "edi_licence_missing"
    http_status = 403
    message = _("A live mall may not host other sellers before its own EDI licence is on file (legal guard-rail 21).")  # type: ignore[assignment]


_FAULTS = {
    "name": _("A name has 1 to 60 characters."),
    "rate_ppm": _("Commission: 0 % to 30 %. Concession: 3 % to 20 %. A supplier pays no take."),
    "service_fee_amount": _("The yearly fee is between 0 and 1 000 000 yuan."),
    "min_fee_amount": _(
        "The smallest fee of a line is 0 to 100 yuan, and only a seller who pays a commission has one."
    ),
    "bears_payment_fee": _("A supplier is paid a fixed price: the mall bears what the payment channel charges."),
    "cycle_days": _("The days of settlement are 0 to 30."),
    "score_ppm": _("The score is between 0 and 5."),
    "code": _("The code has 4 to 12 small letters and digits."),
    "area_code": _("A store needs the six digits of its district."),
    "licence_number": _("The unified social credit code has 15 to 18 digits and capital letters."),
    "referrer": _("Nobody is rewarded for bringing in himself."),
}
_TIER_FAULTS = {
    "no_take": _("A supplier pays no take, so there are no tiers."),
    "too_many": _("At most ten tiers."),
    "bounds": _("Each tier needs a turnover above 0 and a rate inside the bounds of its kind of settlement."),
    "turnover_order": _("The turnover has to rise from tier to tier."),
    "rate_order": _("The rate may not rise with the turnover."),
}


def create_seller(*, draft: SellerDraft, actor: str, now: dt.datetime) -> Seller:
    """Store a new seller, paused until he is opened. Raises SellerInvalid, NotFound (owner, referrer)."""
    _check(draft)
    with transaction.atomic():
        row = Seller(ulid=new_ulid(), created_at=now)
        _fill(row, draft, now)
        _save(row, new=True)
        audit.record(actor, "seller.created", target=f"seller:{row.ulid}", **_told(row))
    return row


def update_seller(*, ulid: str, draft: SellerDraft, actor: str, now: dt.datetime) -> Seller:
    """Change a seller; orders already placed keep their terms. Raises SellerInvalid, NotFound."""
    _check(draft)
    with transaction.atomic():
        row = locked(ulid)
        if row.kind != draft.kind:
            raise SellerInvalid(gettext("A merchant stays a merchant, a store a store."), field="kind")
        before = _told(row)
        _fill(row, draft, now)
        if row.state == SellerState.ACTIVE:
            _require_licence(row, now)
        _save(row, new=False)
        audit.record(actor, "seller.changed", target=f"seller:{ulid}", before=before, after=_told(row))
        _tell(row.ulid)  # his licence may have been renewed
    return row


def open_seller(*, ulid: str, actor: str, now: dt.datetime) -> Seller:
    """Let a seller sell. Raises NotFound, IllegalTransition, LicenceMissing, EdiLicenceMissing."""
    with transaction.atomic():
        row = locked(ulid)
        check_transition(TRANSITIONS, SellerState(row.state), SellerState.ACTIVE)
        _require_licence(row, now)
        if not selectors.may_host_sellers(now=now):
            raise EdiLicenceMissing
        _move(row, SellerState.ACTIVE, actor, "", now)
    return row


def pause_seller(*, ulid: str, actor: str, reason: str, now: dt.datetime) -> Seller:
    """Stop selling his goods for a while. Raises NotFound, IllegalTransition, InvalidInput (reason)."""
    return _stop(ulid, SellerState.PAUSED, actor, reason, now)


def close_seller(*, ulid: str, actor: str, reason: str, now: dt.datetime) -> Seller:
    """Stop for good; what he has coming is still settled. Raises NotFound, IllegalTransition, InvalidInput (reason)."""
    return _stop(ulid, SellerState.CLOSED, actor, reason, now)


def leave_mall(*, ulid: str, actor: str, reason: str, now: dt.datetime) -> Seller:
    """The shop ends: no new sales; orders under way are finished, the last statement is paid, the deposit goes back.

    Raises NotFound, IllegalTransition, InvalidInput (reason).
    """
    return _stop(ulid, SellerState.CLOSING, actor, reason, now)


def mark_left(*, ulid: str, now: dt.datetime) -> Seller:
    """Nothing is open any more (orders looked). Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        row = locked(ulid)
        check_transition(TRANSITIONS, SellerState(row.state), SellerState.LEFT)
        _move(row, SellerState.LEFT, "system", "", now)
    return row


def set_level(*, seller_ulid: str, level: int, now: dt.datetime) -> None:
    """Move a shop to the level that its month's round found (MODES 12); written into the audit trail. Raises NotFound."""
    with transaction.atomic():
        row = locked(seller_ulid)
        if row.level != level:
            before, row.level, row.updated_at = row.level, level, now
            row.save(update_fields=["level", "updated_at"])
            audit.record("system", "seller.level", target=f"seller:{seller_ulid}", before=before, after=level)


def file_edi_licence(*, number: str, valid_until: dt.date | None, actor: str, now: dt.datetime) -> EdiLicence:
    """File the mall's licence to host sellers (MODES 14 #21). Raises InvalidInput (number, valid_until)."""
    number = number.strip()
    if not 4 <= len(number) <= 40:
        raise InvalidInput(gettext("Enter the number of the licence."), field="number")
    if valid_until is not None and valid_until < china_date(now):
        raise InvalidInput(gettext("This licence has run out."), field="valid_until")
    with transaction.atomic():
        row = EdiLicence.objects.create(number=number, valid_until=valid_until, filed_at=now, filed_by=actor)
        audit.record(actor, "edi_licence.filed", number=number, until=valid_until.isoformat() if valid_until else "")
    return row


def locked(ulid: str) -> Seller:
    """The seller, locked until the transaction ends. Raises NotFound."""
    row = Seller.objects.select_for_update(of=("self",), no_key=True).filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def _check(draft: SellerDraft) -> None:
    fault = draft_fault(draft)
    if fault == "tiers":
        raise SellerInvalid(str(_TIER_FAULTS[tiers_fault(draft.tiers, draft.settlement) or "bounds"]), field="tiers")
    if fault:
        raise SellerInvalid(str(_FAULTS[fault]), field=fault)


def _fill(row: Seller, draft: SellerDraft, now: dt.datetime) -> None:
    row.kind, row.name, row.settlement = draft.kind, draft.name.strip(), draft.settlement
    row.rate_ppm = draft.rate_ppm
    row.take_tiers = [{"from_amount": tier.from_amount, "rate_ppm": tier.rate_ppm} for tier in draft.tiers]
    row.service_fee_amount, row.cycle_days, row.weekly = draft.service_fee_amount, draft.cycle_days, draft.weekly
    row.min_fee_amount, row.bears_payment_fee = draft.min_fee_amount, draft.bears_payment_fee
    row.area_code, row.code = draft.area_code, draft.code or row.code or _free_code()
    row.licence_name, row.licence_number = draft.licence_name.strip(), draft.licence_number
    row.licence_until = draft.licence_until
    row.score_ppm, row.has_violation = draft.score_ppm, draft.has_violation
    owner = _member(draft.owner, "owner")
    if owner != row.owner:
        row.payee = {**row.payee, "wish": None}  # what the one before asked for is not the new one's word
    row.owner = owner
    referrer = _member(draft.referrer, "referrer")
    if referrer != row.referrer:
        row.referrer, row.referrer_since = referrer, now if referrer else None
    row.updated_at = now


def _member(ulid: str, field: str) -> Member | None:
    if not ulid:
        return None
    found = Member.objects.filter(ulid=ulid, closed_at=None).first()
    if found is None:
        raise SellerInvalid(gettext("There is no such member."), field=field)
    return found


def _save(row: Seller, *, new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=new)
    except IntegrityError:
        if Seller.objects.filter(code=row.code).exclude(pk=row.pk).exists():
            raise SellerInvalid(gettext("Another seller has this code."), field="code") from None
        raise


def _require_licence(row: Seller, now: dt.datetime) -> None:
    expired = row.licence_until is not None and row.licence_until < china_date(now)
    if not row.licence_name or not row.licence_number or expired:
        raise LicenceMissing(field="licence_number")


def _stop(ulid: str, wanted: SellerState, actor: str, reason: str, now: dt.datetime) -> Seller:
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    with transaction.atomic():
        row = locked(ulid)
        check_transition(TRANSITIONS, SellerState(row.state), wanted)
        _move(row, wanted, actor, reason.strip(), now)
    return row


def _move(row: Seller, wanted: SellerState, actor: str, reason: str, now: dt.datetime) -> None:
    before = row.state
    row.state, row.updated_at = wanted, now
    row.profile = {key: value for key, value in row.profile.items() if key != "vacation"}
    row.save(update_fields=["state", "profile", "updated_at"])
    audit.record(actor, f"seller.{wanted}", target=f"seller:{row.ulid}", reason=reason, before=before)
    _tell(row.ulid)


def _tell(ulid: str) -> None:
    """His goods may have to appear in lists, or to go."""
    bus.publish("seller.selling_changed", {"seller": ulid}, key=f"{ulid}:{new_ulid()}")


def _told(row: Seller) -> dict[str, Any]:
    return {
        "name": row.name,
        "settlement": str(row.settlement),
        "rate_ppm": row.rate_ppm,
        "tiers": row.take_tiers,
        "service_fee_amount": row.service_fee_amount,
        "min_fee_amount": row.min_fee_amount,
        "bears_payment_fee": row.bears_payment_fee,
        "cycle_days": row.cycle_days,
        "weekly": row.weekly,
        "licence_number": row.licence_number,
        "owner": row.owner.ulid if row.owner else "",
        "referrer": row.referrer.ulid if row.referrer else "",
    }


def _free_code() -> str:
    while True:
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(6))
        if not Seller.objects.filter(code=code).exists():
            return code
