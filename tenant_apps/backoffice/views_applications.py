"""Applications to open a shop: the queue, one with its papers, the mall's answer."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.models import AuditRecord
from saas.identity.phones import shown_phone
from saas.identity.roles import Role
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.money import parse_yuan
from tenant_apps.backoffice import people
from tenant_apps.backoffice.labels import APPLICATION_CHANGES, APPLICATION_STATES, PAPER_STATES
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.members import divisions
from tenant_apps.modes.units import percent_to_ppm
from tenant_apps.sellers import applications, services
from tenant_apps.sellers.applying import ends_on
from tenant_apps.sellers.rules import SettlementKind

READERS = (Role.FINANCE, Role.GOODS)


@needs(*READERS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Applications by state, newest first; those that wait for the mall unless another state is chosen."""
    state = request.GET.get("state", "submitted")
    rows = applications.applications(state=state if state in APPLICATION_STATES else "")
    tabs = [*((key, text) for key, (text, _tone) in APPLICATION_STATES.items()), ("all", _("All"))]
    return show(request, "applications", _("Shop applications"), page=page_of(request, rows), tabs=tabs, state=state)


@needs(*READERS)
@require_safe
def application(request: HttpRequest, ulid: str) -> HttpResponse:
    """One application: who, licence, papers, where he is paid, what has happened; the forms of the answer."""
    row = applications.application(ulid)
    today = china_date(now())
    trail = list(AuditRecord.objects.filter(target=f"application:{ulid}").order_by("-pk")[:20])
    names = people.names([one.actor for one in trail])
    wanted = [(slug, name) for slug in row.categories for name in applications.category_names([slug])]
    titles = dict(wanted)
    return show(
        request,
        "application",
        row.name or _("Application"),
        row=row,
        phone=shown_phone(row.contact_phone),
        account=applications.account_of(row),
        place=divisions.full_name(row.area_code) if row.area_code else "",
        wanted=wanted,
        papers=[
            (one, PAPER_STATES[one["kind"]][0], titles.get(one["category"], ""), (ends_on(one) or today) < today)
            for one in row.papers
        ],
        trail=[
            (one, APPLICATION_CHANGES.get(one.action, one.action), names.get(one.actor, one.actor)) for one in trail
        ],
    )


@needs(*READERS)
@require_safe
def paper(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """A file that the applicant gave."""
    return paper_answer(applications.application(ulid).papers, name)


def paper_answer(papers: list[dict[str, Any]], name: str) -> HttpResponse:
    """One of these papers, to be looked at; a PDF is downloaded."""
    try:
        content, kind = services.read_paper(papers, name)
    except DomainError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=kind)
    how = "inline" if kind.startswith("image/") else "attachment"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@needs(Role.FINANCE)
@require_POST
def step(request: HttpRequest, ulid: str) -> HttpResponse:
    """Approve with terms, give back, refuse."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "approve": (
            lambda: _approve(request, ulid, actor),
            _("Approved. The applicant reads the terms and accepts the contract; then the shop opens."),
        ),
        "return": (
            lambda: services.return_application(ulid=ulid, reason=reason, actor=actor, now=now()),
            _("Given back: the applicant reads what is missing."),
        ),
        "refuse": (
            lambda: services.refuse_application(ulid=ulid, reason=reason, actor=actor, now=now()),
            _("Refused: the applicant reads the reason."),
        ),
    }
    wanted = request.POST.get("step", "")
    if wanted not in steps:
        raise Http404
    call, done = steps[wanted]
    return act(request, call, done=done, back=reverse("backoffice:application", args=[ulid]))


def _approve(request: HttpRequest, ulid: str, actor: str) -> object:
    kind = request.POST.get("settlement", "")
    if kind not in set(SettlementKind):
        raise InvalidInput(_("Choose how the seller is settled."), field="settlement")
    rate = request.POST.get("rate", "").strip()
    try:
        rate_ppm = percent_to_ppm(rate) if rate else None
    except ValueError:
        raise InvalidInput(_("Give a percentage, such as 5 or 3.25."), field="rate") from None
    deposit = request.POST.get("deposit", "").strip()
    try:
        amount = parse_yuan(deposit) if deposit else 0
    except ValueError:
        raise InvalidInput(_("Give an amount in yuan, such as 30000 or 99.50."), field="deposit") from None
    return services.approve_application(
        ulid=ulid,
        settlement=SettlementKind(kind),
        rate_ppm=rate_ppm,
        deposit_amount=amount,
        categories=request.POST.getlist("categories"),
        actor=actor,
        now=now(),
    )
