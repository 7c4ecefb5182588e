"""Vendors' own domains: all of them, one with its history, filing numbers to judge, blocking."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from provisioning.domains import selectors, words
from provisioning.domains.rules.states import DomainState
from provisioning.domains.services import operators, requests
from saas.kernel import hosts, papers
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound

Context = dict[str, Any]
_COLOURS = {"active": "succeeded", "broken": "failed", "blocked": "failed", "review": "in_review", "filing": "open"}


def domains(request: HttpRequest, frame: Context) -> HttpResponse:
    """Every domain, what needs a person first."""
    state, text = request.GET.get("state", ""), request.GET.get("q", "").strip()
    state = state if state in {one.value for one in DomainState} else ""
    page = Paginator(selectors.listed(state=state, text=text), 100).get_page(request.GET.get("page"))
    counts = selectors.counts()
    context = {
        **frame,
        "title": _("Domains"),
        "page": page,
        "rows": [(row, hosts.readable(row.host), words.STATES[DomainState(row.state)], colour(row)) for row in page],
        "states": [(one.value, words.STATES[one], counts.get(one.value, 0)) for one in DomainState],
        "state": state,
        "q": text,
    }
    return render(request, "console/domains.html", context)


def colour(row: Any) -> str:
    """The colour of a state, as the console's stylesheet names it."""
    return _COLOURS.get(row.state, "running")


def domain(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """One domain with everything that was found and done."""
    found = selectors.domain(ulid)
    view = words.view(found)
    context = {
        **frame,
        "title": _("Domain: {name}").format(name=view.name),
        "row": found,
        "view": view,
        "colour": colour(found),
        "evidence": selectors.evidence_of(found),
        "needed": selectors.filing_needed(found.place),
        "proof": selectors.proof_record(found),
        "pointing": selectors.pointing_records(found),
        "events": [
            (one, words.STATES[DomainState(one.state)], words.finding_words(one.finding, one.detail))
            for one in selectors.events_of(found)[:200]
        ],
    }
    return render(request, "console/domain.html", context)


@require_POST
def decide(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """One of an operator's actions."""
    what, note = request.POST.get("what", ""), request.POST.get("note", "")
    who: dict[str, Any] = {"ulid": ulid, "actor": f"user:{request.user.public_id}", "now": now()}  # type: ignore[union-attr]
    try:
        if what in ("accept", "refuse"):
            operators.decide_filing(**who, accepted=what == "accept", note=note)
        elif what == "block":
            operators.block_domain(**who, reason=note)
        elif what == "unblock":
            operators.unblock_domain(**who, reason=note)
        elif what == "remove":
            operators.remove_domain(**who, reason=note)
        else:
            requests.check_now(**who)
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Saved."))
    return redirect("console:domain", ulid=ulid)


def evidence(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """The file handed in with a filing number, to be kept, never shown by the browser."""
    found = selectors.evidence_of(selectors.domain(ulid))
    if found is None:
        raise NotFound
    return papers.as_download(content=bytes(found.content), kind=found.kind, title=f"filing-{ulid}")
