"""A member opens a shop: the application with its papers, the contract, the deposit. One page, by state."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.identity.phones import shown_phone
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.catalog import selectors as catalog
from tenant_apps.members import divisions as china
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.seller_portal.access import current
from tenant_apps.seller_portal.labels import FORMS, PAPER_KINDS
from tenant_apps.sellers import applications, selectors, services
from tenant_apps.sellers.applying import (
    CONTRACT,
    CONTRACT_TEXTS,
    EDITABLE,
    ENDED,
    ApplicationDraft,
    ApplicationState,
    Form,
)
from tenant_apps.sellers.models import Application
from tenant_apps.sellers.rules import DISPUTE_DAYS, SellerKind, tiers_from_json

_TEXTS = (
    "name",
    "licence_name",
    "licence_number",
    "contact_name",
    "contact_phone",
    "payee_name",
    "payee_bank",
    "payee_account",
)
_AREAS = ("province_code", "city_code", "district_code")


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """The member's application: written, sent, answered, contract, deposit."""
    member = current(request)
    row = applications.latest_of(member)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            done = _step(request, member, row)
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
            row = applications.latest_of(member)
        else:
            if done:
                messages.success(request, done)
            return redirect("portal:apply")
    context = {
        "active_tab": "me",
        "page_title": _("Open a shop"),
        "back": "/me",
        "row": row,
        "error": error,
        "may_begin": row is None or row.state in ENDED,
        "editable": row is not None and row.state in EDITABLE,
        **(_details(request, row, refused=error is not None) if row is not None else {}),
    }
    return render(request, "seller_portal/apply.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def paper(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the member's own application."""
    row = applications.latest_of(current(request))
    return paper_answer(row.papers if row else [], name)


def paper_answer(papers: list[dict[str, Any]], name: str) -> HttpResponse:
    """One of these papers, to be looked at; a PDF is downloaded. Raises NotFound."""
    content, kind = services.read_paper(papers, name)
    response = HttpResponse(content, content_type=kind)
    how = "inline" if kind.startswith("image/") else "attachment"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _step(request: HttpRequest, member: Member, row: Application | None) -> str:
    """Carry out the button that was pressed; what to tell. Raises what the services raise."""
    step, at = request.POST.get("step", ""), now()
    if step == "begin":
        services.begin_application(member=member, now=at)
        return ""
    if row is None:
        raise NotFound
    if step == "withdraw":
        services.withdraw_application(ulid=row.ulid, member=member, now=at)
        return _("The application has been withdrawn.")
    if step == "accept":
        services.accept_contract(
            ulid=row.ulid,
            member=member,
            version=int(request.POST.get("version", "0").strip() or 0)
            if request.POST.get("version", "").isdigit()
            else 0,
            agreed="agreed" in request.POST,
            now=at,
        )
        return _("The contract is accepted.")
    services.write_application(ulid=row.ulid, draft=_draft(request), member=member, now=at)
    if step == "submit":
        services.submit_application(ulid=row.ulid, member=member, now=at)
        return _("Sent. The mall looks at it and answers here.")
    if step == "paper":
        _add_paper(request, row, member, at)
        return _("Added.")
    if step.startswith("remove:"):
        services.remove_paper(ulid=row.ulid, name=step.partition(":")[2], member=member, now=at)
        return _("Removed.")
    return _("Saved.")


def _add_paper(request: HttpRequest, row: Application, member: Member, at: dt.datetime) -> None:
    file = request.FILES.get("paper")
    if file is None:
        raise InvalidInput(_("Choose a file first."), field="paper")
    services.add_paper(
        ulid=row.ulid,
        content=file.read(),
        content_type=file.content_type or "",
        kind=request.POST.get("paper_kind", ""),
        title=request.POST.get("paper_title", ""),
        category=request.POST.get("paper_category", ""),
        until=day_of(request, "paper_until"),
        member=member,
        now=at,
    )


def _draft(request: HttpRequest) -> ApplicationDraft:
    kind, form = request.POST.get("kind", ""), request.POST.get("form", "")
    if kind not in set(SellerKind) or form not in set(Form):
        raise InvalidInput(_("Choose one of the kinds."), field="kind")
    return ApplicationDraft(
        kind=SellerKind(kind),
        form=Form(form),
        area_code=request.POST.get("district_code", "") if kind == SellerKind.STORE else "",
        licence_until=day_of(request, "licence_until"),
        categories=tuple(request.POST.getlist("categories")),
        **{name: request.POST.get(name, "").strip() for name in _TEXTS},
    )


def day_of(request: HttpRequest, field: str) -> dt.date | None:
    """A day as a form sends it, None where it was left empty. Raises InvalidInput."""
    text = request.POST.get(field, "").strip()
    try:
        found = parse_date(text) if text else None
    except ValueError:
        found = None
    if text and found is None:
        raise InvalidInput(_("This is no day."), field=field)
    return found


def _details(request: HttpRequest, row: Application, *, refused: bool) -> dict[str, Any]:
    """What the page of an application shows: what was typed when it was refused, else what is kept."""
    kept = applications.draft_of(row)
    values: dict[str, Any] = {name: getattr(kept, name) for name in (*_TEXTS, "kind", "form")}
    values["contact_phone"] = shown_phone(row.contact_phone)
    values["licence_until"] = row.licence_until.isoformat() if row.licence_until else ""
    values["categories"] = row.categories
    area = row.area_code
    values |= dict(zip(_AREAS, (f"{area[:2]}0000", f"{area[:4]}00", area) if area else ("", "", ""), strict=True))
    if refused and row.state in EDITABLE and request.POST.get("kind"):
        values |= {name: request.POST.get(name, "") for name in (*_TEXTS, "kind", "form", "licence_until", *_AREAS)}
        values["categories"] = request.POST.getlist("categories")
    names = {node.slug: node.name for node in _flat()}
    return {
        "values": values,
        "kinds": [
            (SellerKind.MERCHANT.value, _("Merchant: sends goods")),
            (SellerKind.STORE.value, _("Store: a place people come to")),
        ],
        "forms": FORMS.items(),
        "paper_kinds": PAPER_KINDS.items(),
        "papers": [
            (one, PAPER_KINDS.get(one["kind"], one["kind"]), names.get(one["category"], "")) for one in row.papers
        ],
        "tree": catalog.category_tree(),
        "wanted": [(slug, names.get(slug, slug)) for slug in row.categories],
        "provinces": china.divisions(),
        "cities": china.divisions(values["province_code"]) if values["province_code"] else (),
        "districts": china.divisions(values["city_code"]) if values["city_code"] else (),
        **(_contract(row) if row.state in (ApplicationState.APPROVED, ApplicationState.ACCEPTED) else {}),
    }


def _contract(row: Application) -> dict[str, Any]:
    assert row.seller is not None
    return {
        "contract": [_(text) for text in CONTRACT_TEXTS[row.contract_version or CONTRACT]],
        "version": row.contract_version or CONTRACT,
        "tiers": tiers_from_json(row.seller.take_tiers),
        "dispute_days": DISPUTE_DAYS,
        "asked": selectors.asked_of(row.seller.ulid),
        "may_host": selectors.may_host_sellers(now=now()),
    }


def _flat() -> list[Any]:
    found: list[Any] = []
    for node in catalog.category_tree():
        found += [node, *node.children]
    return found
