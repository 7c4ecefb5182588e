"""Areas and their agents: province → city → district → street with counts and sums, applications, contracts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice.forms_regions import (
    ApproveForm,
    AreaForm,
    HolderForm,
    NamedAreaForm,
    StreetForm,
    TransferForm,
)
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.backoffice.people import names as people_names
from tenant_apps.members import divisions as china
from tenant_apps.members import selectors as members
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import selectors, services
from tenant_apps.modes.regional.contracts import DIGITS, MUNICIPALITIES, NAMED
from tenant_apps.modes.regional.selectors import AreaState
from tenant_apps.modes.wording import GRADE_WORDS
from tenant_apps.settlement.area_figures import AreaFigure, area_figures

STAFF = (Role.FINANCE, Role.ORDERS)
_NOTHING = AreaFigure(0, 0)


@dataclass(frozen=True)
class Row:
    """One area of the list: its state, what it has paid, how many contracts lie inside it, where a click leads."""

    state: AreaState
    figure: AreaFigure
    inside: int
    below: str  # the code whose parts are listed next; empty: there are none


class NobodyFound(DomainError):
    """There is no open member with that share code."""

    code = "nobody_found"
    http_status = 422

    def __init__(self) -> None:
        super().__init__(_("There is no member with this share code."), field="share_code")


@needs(*STAFF)
@require_safe
def regions(request: HttpRequest) -> HttpResponse:
    """One level of the drill-down, applications on top of the first."""
    at = request.GET.get("at", "")
    if at and not china.full_name(at):
        raise Http404
    grade, codes = _level(at)
    known = {area.code: area for area in selectors.areas_below(at)}
    states = {state.code: state for state in selectors.area_states(known.values(), now=now())}
    figures = area_figures(prefix=at)
    if grade is Grade.STREET:
        codes = [(code, area.name) for code, area in known.items() if area.grade == Grade.STREET]
    rows = [
        Row(
            state=states.get(code) or AreaState(grade=grade, code=code, name=name),
            figure=figures.get((grade.value, code), _NOTHING),
            inside=sum(state.owners for key, state in states.items() if key.startswith(code) and key != code),
            below=code if grade is not Grade.STREET else "",
        )
        for code, name in codes
    ]
    named = selectors.area_states(selectors.named_areas(), now=now()) if not at else []
    named_figures = area_figures() if named else {}
    return show(
        request,
        "regions",
        _("Areas and agents"),
        at=at,
        trail=[(code, china.full_name(code)) for code in (at[:2], at[:4], at[:6]) if code and len(code) <= len(at)],
        grade_word=_(GRADE_WORDS[grade]),
        page=page_of(request, rows, size=50),
        named=[
            (one, _(GRADE_WORDS[one.grade]), named_figures.get((one.grade.value, one.code), _NOTHING)) for one in named
        ],
        applications=list(selectors.applications()[:50]) if not at else [],
        named_form=NamedAreaForm(),
        street_form=StreetForm(initial={"code": at}) if grade is Grade.STREET else None,
        here=selectors.area_state(grade=_grade_of(at), code=at, now=now()) if at else None,
    )


def _level(at: str) -> tuple[Grade, list[tuple[str, str]]]:
    """What is listed below a code: its grade, and (code, name) of each. A municipality goes on to its districts."""
    if not at:
        return Grade.PROVINCE, [(one.code[:2], one.name) for one in china.divisions()]
    if len(at) == 2 and at not in MUNICIPALITIES:
        return Grade.CITY, [(one.code[:4], one.name) for one in china.divisions(f"{at}0000")]
    if len(at) == 2:
        cities = china.divisions(f"{at}0000")
        return Grade.DISTRICT, [(one.code, one.name) for city in cities for one in china.divisions(city.code)]
    if len(at) == 4:
        return Grade.DISTRICT, [(one.code, one.name) for one in china.divisions(f"{at}00")]
    return Grade.STREET, []


def _grade_of(code: str) -> Grade:
    return next(grade for grade, digits in DIGITS.items() if digits == len(code))


@needs(Role.OWNER)
@require_POST
def open_area(request: HttpRequest) -> HttpResponse:
    """Enter an area: one of the list, a street, or a named one. Bad input comes back with the field's name."""
    try:
        grade = Grade(request.POST.get("grade", ""))
    except ValueError:
        raise Http404 from None
    try:
        area = services.open_area(
            grade=grade,
            code=request.POST.get("code", ""),
            name="" if grade in NAMED else request.POST.get("name", ""),
            covers=request.POST.get("covers", "").replace(",", " ").replace("，", " ").split(),
            actor=actor_of(request),
            now=now(),
        )
    except DomainError as error:
        messages.error(request, f"{error.field}: {error.text}" if error.field else error.text)
        at = request.POST.get("at", "")
        return redirect(reverse("backoffice:regions") + (f"?at={at}" if at else ""))
    return redirect("backoffice:region", ulid=area.ulid)


@needs(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def region(request: HttpRequest, ulid: str) -> HttpResponse:
    """An area: terms, holders earliest first, applications, the form that adds a holder."""
    area = selectors.area_by_ulid(ulid)
    terms = AreaForm(
        initial={
            "total_amount": f"{area.total_amount / 100:.2f}".rstrip("0").rstrip(".") if area.total_amount else "",
            "is_exclusive": area.is_exclusive,
            "takes_applications": area.takes_applications,
        }
    )
    holder = HolderForm()
    status = 200
    if request.method == "POST":
        step = request.POST.get("step")
        if step == "terms":
            terms = AreaForm(request.POST)
            call: Callable[[dict[str, Any]], object] = lambda data: services.change_area(  # noqa: E731
                area_ulid=ulid, actor=actor_of(request), now=now(), **data
            )
            form: forms.Form = terms
        else:
            holder = HolderForm(request.POST)
            form = holder
            call = lambda data: services.add_holder(  # noqa: E731
                area_ulid=ulid, member=_member(data.pop("share_code")), actor=actor_of(request), now=now(), **data
            )
        if _done(form, call):
            return act(request, lambda: None, done=_("Saved."), back=reverse("backoffice:region", args=[ulid]))
        status = 422
    state = selectors.area_states([area], now=now())[0]
    contracts = list(selectors.contracts_of_area(area))
    figure = area_figures(prefix="" if area.grade in NAMED else area.code).get((area.grade, area.code), _NOTHING)
    return show(
        request,
        "region",
        area.name,
        status=status,
        area=area,
        state=state,
        grade_word=_(GRADE_WORDS[Grade(area.grade)]),
        figure=figure,
        contracts=[(one, _share(one.invested_amount, state)) for one in contracts],
        terms=terms,
        holder=holder,
    )


def _share(invested: int, state: AreaState) -> int:
    """A contract's part of the area in ppm."""
    whole = max(state.total_amount, state.held_amount)
    return invested * 1_000_000 // whole if whole else 0


@needs(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def contract(request: HttpRequest, ulid: str) -> HttpResponse:
    """A contract with the steps that its state allows."""
    found = selectors.contract_by_ulid(ulid)
    approve = ApproveForm(
        initial={
            "months": found.months,
            "invested_amount": f"{found.invested_amount / 100:.2f}" if found.invested_amount else "",
        }
    )
    transfer = TransferForm()
    status = 200
    if request.method == "POST":
        step = request.POST.get("step", "")
        common: dict[str, Any] = {"contract_ulid": ulid, "actor": actor_of(request), "now": now()}
        back = reverse("backoffice:contract", args=[ulid])
        reason = request.POST.get("reason", "")
        if step == "refuse":
            return act(
                request, lambda: services.refuse_contract(reason=reason, **common), done=_("Refused."), back=back
            )
        if step == "end":
            return act(request, lambda: services.end_contract(reason=reason, **common), done=_("Ended."), back=back)
        if step == "approve":
            approve = ApproveForm(request.POST)
            if _done(approve, lambda data: services.approve_contract(**common, **data)):
                return act(request, lambda: None, done=_("Approved. The agent accepts the contract next."), back=back)
        elif step == "transfer":
            transfer = TransferForm(request.POST)
            made: list[Any] = []
            if _done(
                transfer,
                lambda data: made.append(
                    services.transfer_contract(**common, member=_member(data.pop("share_code")), **data)
                ),
            ):
                back = reverse("backoffice:contract", args=[made[0].ulid])
                return act(request, lambda: None, done=_("Handed on."), back=back)
        status = 422
    state = selectors.area_states([found.area], now=now())[0]
    names = people_names([found.decided_by, found.licence_checked_by])
    return show(
        request,
        "contract",
        f"{found.area.name} · {found.member}",
        status=status,
        row=found,
        state=state,
        grade_word=_(GRADE_WORDS[Grade(found.area.grade)]),
        share_ppm=_share(found.invested_amount, state),
        decided_by=names.get(found.decided_by, found.decided_by),
        checked_by=names.get(found.licence_checked_by, found.licence_checked_by),
        approve=approve,
        transfer=transfer,
    )


def _done(form: forms.Form, call: Callable[[dict[str, Any]], object]) -> bool:
    """One service call with a valid form's data; a refusal becomes the error of its field."""
    if not form.is_valid():
        return False
    try:
        call(dict(form.cleaned_data))
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.text)
        return False
    return True


def _member(share_code: str) -> Member:
    found = members.member_by_share_code(share_code)
    if found is None:
        raise NobodyFound
    return found
