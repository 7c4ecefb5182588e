"""The mall's answer to an application, the contract, and the day on which the shop opens (FEATURES G4, MODES 14 #16 #21)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import check_transition
from saas.ledger import selectors as book
from saas.messaging.notices import services as notices
from tenant_apps.members.models import Member
from tenant_apps.sellers import applications, applying
from tenant_apps.sellers.applying import APPLICATION_TRANSITIONS, CONTRACT, MAX_DEPOSIT, ApplicationState
from tenant_apps.sellers.models import Application, Seller
from tenant_apps.sellers.rules import (
    DEFAULT_RATES,
    DISPUTE_DAYS,
    Asked,
    SellerDraft,
    SellerKind,
    SellerState,
    SettlementKind,
    deposit_of,
)
from tenant_apps.sellers.services.applying import ContractChanged, locked_application, move
from tenant_apps.sellers.services.asking import ask_payment
from tenant_apps.sellers.services.editing import EdiLicenceMissing, LicenceMissing, create_seller, open_seller


def return_application(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> Application:
    """Give an application back with what is to be mended. Raises NotFound, IllegalTransition, InvalidInput (reason)."""
    return _answer(ulid, ApplicationState.RETURNED, reason, actor, now)


def refuse_application(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> Application:
    """Say no, with a reason that the applicant reads. Raises NotFound, IllegalTransition, InvalidInput (reason)."""
    return _answer(ulid, ApplicationState.REFUSED, reason, actor, now)


def approve_application(
    *,
    ulid: str,
    settlement: SettlementKind,
    rate_ppm: int | None,
    deposit_amount: int,
    categories: list[str],
    actor: str,
    now: dt.datetime,
) -> Application:
    """Say yes on these terms: the seller is made, paused, owned by the applicant; the contract waits for his word.

    `deposit_amount` in fen, 0: none; `categories` are slugs out of those he wants. Raises NotFound, IllegalTransition,
    InvalidInput (deposit, categories, rate_ppm …).
    """
    if not 0 <= deposit_amount <= MAX_DEPOSIT:
        raise InvalidInput(gettext("A deposit is 0 to 1 000 000 yuan."), field="deposit")
    with transaction.atomic():
        row = locked_application(ulid)
        check_transition(APPLICATION_TRANSITIONS, ApplicationState(row.state), ApplicationState.APPROVED)
        if not categories or not set(categories) <= set(row.categories):
            raise InvalidInput(gettext("Allow at least one of the categories he asks for."), field="categories")
        written = applications.draft_of(row)
        seller = create_seller(
            draft=SellerDraft(
                kind=SellerKind(row.kind),
                name=row.name,
                settlement=settlement,
                rate_ppm=DEFAULT_RATES[settlement] if rate_ppm is None else rate_ppm,
                owner=row.member.ulid,
                area_code=written.area_code,
                licence_name=row.licence_name,
                licence_number=row.licence_number,
                licence_until=row.licence_until,
            ),
            actor=actor,
            now=now,
        )
        seller.categories, seller.papers = list(categories), row.papers
        seller.save(update_fields=["categories", "papers"])
        move(
            row,
            ApplicationState.APPROVED,
            actor=actor,
            now=now,
            seller=seller,
            deposit_amount=deposit_amount,
            decided_at=now,
            decided_by=actor,
        )
        _tell(row, now)
    return row


def accept_contract(*, ulid: str, member: Member, version: int, agreed: bool, now: dt.datetime) -> Application:
    """The applicant accepts the contract: which text and which terms is recorded; then the deposit is asked for.

    Without a deposit the shop opens at once. Raises NotFound, IllegalTransition, ContractChanged, InvalidInput (agreed).
    """
    if not agreed:
        raise InvalidInput(gettext("Tick that you have read the contract and agree to it."), field="agreed")
    with transaction.atomic():
        row = locked_application(ulid)
        if row.member_id != member.pk:
            raise NotFound
        check_transition(APPLICATION_TRANSITIONS, ApplicationState(row.state), ApplicationState.ACCEPTED)
        if version != CONTRACT:
            raise ContractChanged
        assert row.seller is not None  # by the transition table: approval made it
        move(
            row,
            ApplicationState.ACCEPTED,
            actor=f"member:{member.ulid}",
            now=now,
            contract_version=version,
            contract_terms=contract_terms(row),
            contract_at=now,
        )
        if row.deposit_amount:
            ask_payment(
                seller_ulid=row.seller.ulid, kind=Asked.DEPOSIT, amount=row.deposit_amount, actor="system", now=now
            )
        _finish(row, 0, now)
    return row


def contract_terms(row: Application) -> dict[str, object]:
    """The terms that a contract is accepted with, as they are kept: amounts in fen, rates in ppm."""
    assert row.seller is not None
    return {
        "settlement": str(row.seller.settlement),
        "rate_ppm": row.seller.rate_ppm,
        "tiers": row.seller.take_tiers,
        "service_fee_amount": row.seller.service_fee_amount,
        "cycle_days": row.seller.cycle_days,
        "deposit_amount": row.deposit_amount,
        "categories": row.seller.categories,
        "dispute_days": DISPUTE_DAYS,
        "texts": len(applying.CONTRACT_TEXTS[CONTRACT]),
    }


def finish_application(*, seller_ulid: str, paid_amount: int = 0, now: dt.datetime) -> bool:
    """Open the shop of an accepted application whose deposit has been paid; whether this did it.

    `paid_amount` is what an order that has just completed paid of it, in case the book does not show it yet. A mall
    without its EDI licence, or a shop without a valid one, waits: the round tries again.
    """
    with transaction.atomic():
        row = (
            Application.objects.select_for_update(of=("self",), no_key=True)
            .select_related("seller")
            .filter(seller__ulid=seller_ulid, state=ApplicationState.ACCEPTED)
            .first()
        )
        return row is not None and _finish(row, paid_amount, now)


def open_admitted(*, now: dt.datetime) -> int:
    """Open every accepted shop that can open now; how many. The round's part of `finish_application`."""
    waiting = Application.objects.filter(state=ApplicationState.ACCEPTED).values_list("seller__ulid", flat=True)
    return sum(finish_application(seller_ulid=ulid, now=now) for ulid in list(waiting) if ulid)


def limit_categories(*, seller_ulid: str, categories: list[str], actor: str, now: dt.datetime) -> Seller:
    """Say in which categories a seller may sell (empty: all); products on shelf stay. Raises NotFound, InvalidInput."""
    with transaction.atomic():
        row = Seller.objects.select_for_update(of=("self",), no_key=True).filter(ulid=seller_ulid).first()
        if row is None:
            raise NotFound
        if len(applications.category_names(categories)) != len(set(categories)):
            raise InvalidInput(gettext("One of these categories is not there any more."), field="categories")
        before, row.categories, row.updated_at = row.categories, list(dict.fromkeys(categories)), now
        row.save(update_fields=["categories", "updated_at"])
        audit.record(
            actor, "seller.categories_limited", target=f"seller:{seller_ulid}", before=before, after=row.categories
        )
    return row


def _finish(row: Application, paid_amount: int, now: dt.datetime) -> bool:
    assert row.seller is not None
    held = max(paid_amount, book.balance(deposit_of(row.seller.ulid)))
    if held < row.deposit_amount:
        return False
    if row.seller.state != SellerState.ACTIVE:
        try:
            with transaction.atomic():
                open_seller(ulid=row.seller.ulid, actor="system", now=now)
        except (EdiLicenceMissing, LicenceMissing):
            return False
    move(row, ApplicationState.ACTIVE, actor="system", now=now)
    return True


def _answer(ulid: str, wanted: ApplicationState, reason: str, actor: str, now: dt.datetime) -> Application:
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    with transaction.atomic():
        row = locked_application(ulid)
        move(row, wanted, actor=actor, now=now, reason=reason.strip()[:400], decided_at=now, decided_by=actor)
        _tell(row, now)
    return row


def _tell(row: Application, now: dt.datetime) -> None:
    """A text message that there is an answer; the answer itself is read in the mall."""
    if phone := row.member.user.phone or row.contact_phone:
        notices.send_notice(
            kind="application_answered",
            to_phone=phone,
            context={"shop": row.name},
            key=f"application_answered:{row.ulid}:{row.state}:{now:%Y%m%d%H%M%S%f}",
        )
