"""Regional agents: what is free, applying, the contract to accept, the agent's desk, the recruiting page of an area."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.design import selectors as design
from tenant_apps.members import divisions as china
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import selectors, services, texts
from tenant_apps.modes.regional.contracts import DIGITS, MUNICIPALITIES, ContractState
from tenant_apps.modes.regional.models import Contract
from tenant_apps.modes.regional.selectors import AreaState
from tenant_apps.modes.regional.settings import RegionalSettings
from tenant_apps.modes.wording import GRADE_WORDS
from tenant_apps.orders import area_orders
from tenant_apps.sellers import selectors as seller_facts
from tenant_apps.settlement.area_figures import AreaFigure, area_figures

_FIELDS = ("province_code", "city_code", "district_code", "licence_company", "licence_number", "remark", "area")
_NOTHING = AreaFigure(0, 0)


@dataclass(frozen=True)
class Choice:
    """An area that an applicant may choose, with its grade's word and rate."""

    state: AreaState
    grade_word: str
    rate_ppm: int

    @property
    def value(self) -> str:
        return f"{self.state.grade}:{self.state.code}"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def apply(request: HttpRequest) -> HttpResponse:
    """Choose an area by province, city, district; see what is free; apply with a business licence."""
    member: Member = request.member  # type: ignore[attr-defined]
    settings = _settings()
    source = request.POST if request.method == "POST" else request.GET
    values = {name: source.get(name, "") for name in _FIELDS}
    choices = _choices(settings, values)
    error: DomainError | None = None
    if request.method == "POST" and "apply" in request.POST:
        error = _apply(member, values, accepted="terms" in request.POST)
        if error is None:
            messages.success(request, _("Your application has been received. The mall answers here."))
            return redirect("regions:desk")
    context = {
        "active_tab": "me",
        "values": values,
        "choices": choices,
        "error": error,
        "settings": settings,
        "provinces": china.divisions(),
        "cities": china.divisions(values["province_code"]) if values["province_code"] else (),
        "districts": china.divisions(values["city_code"]) if values["city_code"] else (),
        "disclosures": texts.recruiting_disclosures(),
    }
    return render(request, "storefront/regions/apply.html", context, status=422 if error else 200)


def _apply(member: Member, values: dict[str, str], *, accepted: bool) -> DomainError | None:
    try:
        grade, _colon, code = values["area"].partition(":")
        if grade not in list(Grade) or not code:
            raise services.UnknownArea(field="area", code=code)
        if not accepted:
            raise services.ContractNotAccepted(field="terms")
        services.apply_for_area(
            member=member,
            grade=Grade(grade),
            code=code,
            licence_company=values["licence_company"],
            licence_number=values["licence_number"],
            remark=values["remark"],
            now=now(),
        )
    except DomainError as error:
        return error
    return None


def _settings() -> RegionalSettings:
    """The regional settings in force. Raises 404 where the mall has no regional agents."""
    found = _terms_in_force()
    if found is None:
        raise Http404
    return found


def _terms_in_force() -> RegionalSettings | None:
    pinned = modes.current_settings(mode="regional", now=now())
    return pinned.values if pinned and pinned.values.enabled else None


def _choices(settings: RegionalSettings, values: dict[str, str]) -> list[Choice]:
    """The areas that the chosen divisions name, the named ones around them, each only where its grade is paid."""
    codes: list[tuple[Grade, str]] = []
    district, city, province = values["district_code"], values["city_code"], values["province_code"]
    if district and china.full_name(district):
        codes += [(Grade.STREET, area.code) for area in selectors.areas_below(district) if area.grade == Grade.STREET]
        codes.append((Grade.DISTRICT, district))
    if city and city[:2] not in MUNICIPALITIES and china.full_name(city[:4]):
        codes.append((Grade.CITY, city[:4]))
    if province and china.full_name(province[:2]):
        codes.append((Grade.PROVINCE, province[:2]))
    around = {code for _grade, code in codes}
    for area in selectors.named_areas() if around else ():
        if any(one.startswith(code) or code.startswith(one) for one in area.covers for code in around):
            codes.append((Grade(area.grade), area.code))
    return [
        Choice(selectors.area_state(grade=grade, code=code, now=now()), _word(grade), settings.rate_ppm.of(grade))
        for grade, code in codes
        if settings.rate_ppm.of(grade)
    ]


def _word(grade: Grade) -> str:
    text: str = GRADE_WORDS[grade]
    return _(text)


@require_safe
@never_cache
@member_required
def desk(request: HttpRequest) -> HttpResponse:
    """The agent's desk: areas with terms, this month's awards and orders, what waits for him."""
    member: Member = request.member  # type: ignore[attr-defined]
    contracts = list(selectors.contracts_of_member(member.ulid))
    start = _month_start()
    month = area_figures(payee=member.ulid, since=start)
    whole = area_figures(payee=member.ulid)
    rows = [
        {
            "contract": one,
            "grade_word": _word(Grade(one.area.grade)),
            "month": month.get((one.area.grade, one.area.code), _NOTHING),
            "whole": whole.get((one.area.grade, one.area.code), _NOTHING),
        }
        for one in contracts
    ]
    context = {
        "active_tab": "me",
        "rows": rows,
        "recruits": _terms_in_force() is not None,
        "disclosures": texts.recruiting_disclosures(),
    }
    return render(request, "storefront/regions/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def contract(request: HttpRequest, ulid: str) -> HttpResponse:
    """One contract: the text to accept, the licence to give, or the area's orders and sellers of this month."""
    member: Member = request.member  # type: ignore[attr-defined]
    found = selectors.contract_by_ulid(ulid, member_ulid=member.ulid)
    text = found.accepted_text or texts.contract_text(
        found, company=design.branding().company_name or design.branding().name
    )
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _step(request, found, member, text)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved."))
            return redirect("regions:contract", ulid=ulid)
    context: dict[str, Any] = {
        "active_tab": "me",
        "row": found,
        "grade_word": _word(Grade(found.area.grade)),
        "paragraphs": text.split("\n\n") if found.state in (ContractState.APPROVED, ContractState.ACTIVE) else [],
        "digest": services.text_digest(text),
        "error": error,
        "disclosures": texts.recruiting_disclosures(),
    }
    if found.state == ContractState.ACTIVE:
        context |= _month_of(found, member)
    return render(request, "storefront/regions/contract.html", context, status=422 if error else 200)


def _step(request: HttpRequest, found: Contract, member: Member, text: str) -> None:
    if request.POST.get("step") == "licence":
        services.supply_licence(
            contract_ulid=found.ulid,
            member=member,
            licence_company=request.POST.get("licence_company", ""),
            licence_number=request.POST.get("licence_number", ""),
            now=now(),
        )
        return
    digest = request.POST.get("digest", "") if "accept" in request.POST else ""
    services.accept_contract(contract_ulid=found.ulid, member=member, text=text, accepted_digest=digest, now=now())


def _month_of(found: Contract, member: Member) -> dict[str, Any]:
    """Orders of the area this month, who sold them, and what they brought the agent."""
    start = max(_month_start(), found.from_at or _month_start())
    grade, code = found.area.grade, found.area.code
    orders, number, goods = area_orders.area_orders(grade=grade, code=code, since=start)
    figure = area_figures(payee=member.ulid, since=start).get((grade, code), _NOTHING)
    sold = area_orders.sellers_in_area(grade=grade, code=code, since=start)
    names = seller_facts.names(one.seller for one in sold if one.seller)
    sellers = [(names.get(one.seller, ""), one) for one in sold]
    return {"orders": orders, "order_count": number, "goods_amount": goods, "figure": figure, "sellers": sellers}


def _month_start() -> dt.datetime:
    return localtime(now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@require_safe
def recruit(request: HttpRequest, grade: str, code: str) -> HttpResponse:
    """The recruiting page of an area (D11): what is free and on what terms, with the disclosures and no word on earnings."""
    settings = _settings()
    if grade not in list(Grade) or not settings.rate_ppm.of(Grade(grade)):
        raise Http404
    state = selectors.area_state(grade=Grade(grade), code=code, now=now())
    if not state.name or (not state.ulid and (Grade(grade) not in DIGITS or Grade(grade) is Grade.STREET)):
        raise Http404
    context = {
        "active_tab": "",
        "state": state,
        "grade_word": _word(Grade(grade)),
        "months": settings.contract_months,
        "disclosures": texts.recruiting_disclosures(),
        "apply_query": _apply_query(Grade(grade), code),
        "company": design.branding().company_name or design.branding().name,
    }
    return render(request, "storefront/regions/recruit.html", context)


def _apply_query(grade: Grade, code: str) -> str:
    """What preselects the area on the application page."""
    if grade not in DIGITS:
        return f"area={grade}:{code}"
    parts = [f"province_code={code[:2]}0000"]
    if len(code) >= 4:
        parts.append(f"city_code={code[:4]}00")
    if len(code) >= 6:
        parts.append(f"district_code={code[:6]}")
    return "&".join([*parts, f"area={grade}:{code}"])
