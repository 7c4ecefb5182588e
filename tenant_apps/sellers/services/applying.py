"""A member asks to open a shop: writes, proves, sends, withdraws, accepts the contract (FEATURES G4)."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.phones import NotAPhone, normalise_phone
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from tenant_apps.catalog.models import Category
from tenant_apps.members import divisions
from tenant_apps.members.models import Member
from tenant_apps.sellers import applications, applying
from tenant_apps.sellers.applying import (
    APPLICATION_TRANSITIONS,
    EDITABLE,
    ENDED,
    ApplicationDraft,
    ApplicationState,
    PaperKind,
)
from tenant_apps.sellers.models import Application
from tenant_apps.sellers.services import papers

_TEXTS = ("name", "licence_name", "contact_name", "payee_name", "payee_bank")
_FAULTS = {
    "name": _("Give the shop a name of 1 to 60 characters."),
    "licence_name": _("Give the name on the licence, up to 80 characters."),
    "licence_number": _("The unified social credit code has 15 to 18 digits and capital letters."),
    "licence_until": _("This licence has run out."),
    "contact_name": _("Give the name of whom the mall talks to, up to 40 characters."),
    "contact_phone": _("Give the phone number of whom the mall talks to."),
    "payee_name": _("Give the holder of the account, up to 80 characters."),
    "payee_bank": _("Give the bank, up to 60 characters."),
    "payee_account": _("The account number has 8 to 30 digits."),
    "area_code": _("A store needs its district."),
    "categories": _("Choose at least one category, at most 20."),
    "papers": _("Add a picture or PDF of the business licence."),
    "paper_expired": _("One of the papers has run out: remove it and add the one that is valid."),
}


class ApplicationInvalid(InvalidInput):
    """A field of an application cannot be, or is missing; `field` names it."""

    code = "application_invalid"
    message = _("Please check this field.")  # type: ignore[assignment]


class ApplicationSent(DomainError):
    """What was sent is not changed any more, unless the mall gives it back."""

    code = "application_sent"
    message = _("The application has been sent: it can be changed again if the mall returns it.")  # type: ignore[assignment]


class ContractChanged(DomainError):
    """The text was replaced while somebody read it."""

    code = "contract_changed"
    message = _("The contract has a new version. Please read it again.")  # type: ignore[assignment]


def begin_application(*, member: Member, now: dt.datetime) -> Application:
    """The member's open application, made if there is none; his account's phone stands in it already."""
    found = applications.open_of(member)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            row = Application.objects.create(
                ulid=new_ulid(),
                member=member,
                contact_name=member.name,
                contact_phone=member.user.phone or "",
                created_at=now,
                updated_at=now,
            )
            audit.record(f"member:{member.ulid}", "application.created", target=f"application:{row.ulid}")
    except IntegrityError:  # the same button twice
        return Application.objects.exclude(state__in=sorted(ENDED)).get(member=member)
    return row


def write_application(*, ulid: str, draft: ApplicationDraft, member: Member, now: dt.datetime) -> Application:
    """Keep what the applicant has written so far. Raises NotFound, ApplicationSent, ApplicationInvalid."""
    if fault := applying.written_fault(draft):
        raise ApplicationInvalid(str(_FAULTS[fault]), field=fault)
    with transaction.atomic():
        row = _editable(ulid, member)
        for field in _TEXTS:
            setattr(row, field, getattr(draft, field).strip())
        row.kind, row.form = draft.kind, draft.form
        row.licence_number, row.licence_until = draft.licence_number, draft.licence_until
        row.contact_phone = _phone(draft.contact_phone)
        row.area_code = _area(draft.area_code)
        row.categories = _categories(draft.categories)
        if draft.payee_account:
            row.payee_account = applications.sealed_account(row.ulid, draft.payee_account)
        row.updated_at = now
        row.save()
    return row


def add_paper(
    *,
    ulid: str,
    content: bytes,
    content_type: str,
    kind: str,
    title: str = "",
    category: str = "",
    until: dt.date | None = None,
    member: Member,
    now: dt.datetime,
) -> Application:
    """Add a file that proves something. Raises NotFound, ApplicationSent, InvalidInput (paper…), ImageRefused."""
    with transaction.atomic():
        row = _editable(ulid, member)
        if kind == PaperKind.CATEGORY and category:
            _categories((category,))
        if until is not None and until < china_date(now):
            raise InvalidInput(gettext("This paper has run out."), field="paper_until")
        paper = papers.store_paper(
            content=content,
            content_type=content_type,
            kind=kind,
            title=title,
            category=category,
            until=until,
            held=len(row.papers),
        )
        row.papers, row.updated_at = [*row.papers, paper], now
        row.save(update_fields=["papers", "updated_at"])
    return row


def remove_paper(*, ulid: str, name: str, member: Member, now: dt.datetime) -> Application:
    """Take a paper out of an application. Raises NotFound, ApplicationSent."""
    with transaction.atomic():
        row = _editable(ulid, member)
        left = [paper for paper in row.papers if paper["file"] != name]
        if len(left) == len(row.papers):
            raise NotFound
        row.papers, row.updated_at = left, now
        row.save(update_fields=["papers", "updated_at"])
    return row


def submit_application(*, ulid: str, member: Member, now: dt.datetime) -> Application:
    """Send it to the mall. Raises NotFound, IllegalTransition, ApplicationInvalid (what is missing)."""
    with transaction.atomic():
        row = _own(ulid, member)
        fault = applying.missing(applications.draft_of(row), row.papers, today=china_date(now))
        if row.state in EDITABLE and fault:
            raise ApplicationInvalid(str(_FAULTS[fault]), field=fault)
        move(row, ApplicationState.SUBMITTED, actor=f"member:{member.ulid}", now=now, submitted_at=now)
    return row


def withdraw_application(*, ulid: str, member: Member, now: dt.datetime) -> Application:
    """The applicant changes his mind, as long as no contract binds him. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        row = _own(ulid, member)
        move(row, ApplicationState.WITHDRAWN, actor=f"member:{member.ulid}", now=now)
    return row


def move(row: Application, wanted: ApplicationState, *, actor: str, now: dt.datetime, **changes: Any) -> None:
    """Change the state of a locked application, with its audit row. Raises IllegalTransition."""
    check_transition(APPLICATION_TRANSITIONS, ApplicationState(row.state), wanted)
    before, row.state, row.updated_at = row.state, wanted, now
    for field, value in changes.items():
        setattr(row, field, value)
    row.save(update_fields=["state", "updated_at", *changes])
    audit.record(
        actor,
        f"application.{wanted}",
        target=f"application:{row.ulid}",
        reason=str(changes.get("reason", "")),
        before=before,
    )


def locked_application(ulid: str) -> Application:
    """The application, locked until the transaction ends. Raises NotFound."""
    row = Application.objects.select_for_update(of=("self",), no_key=True).filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def _own(ulid: str, member: Member) -> Application:
    row = locked_application(ulid)
    if row.member_id != member.pk:
        raise NotFound
    return row


def _editable(ulid: str, member: Member) -> Application:
    row = _own(ulid, member)
    if row.state not in EDITABLE:
        raise ApplicationSent
    return row


def _phone(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return normalise_phone(text)
    except NotAPhone as error:
        raise ApplicationInvalid(error.text, field="contact_phone") from None


def _area(code: str) -> str:
    if not code:
        return ""
    try:
        return divisions.place_of_district(code).district.code
    except InvalidInput:
        raise ApplicationInvalid(str(_FAULTS["area_code"]), field="area_code") from None


def _categories(slugs: tuple[str, ...]) -> list[str]:
    wanted = list(dict.fromkeys(slugs))
    if Category.objects.filter(slug__in=wanted).count() != len(wanted):
        raise ApplicationInvalid(gettext("One of these categories is not there any more."), field="categories")
    return wanted
