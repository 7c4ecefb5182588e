"""The operators' side of launch checklists: a mall's list with its files, all malls by whose turn it is."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from provisioning.orchestrator.words import word
from saas.console import rights
from saas.console.forms import ItemForm
from saas.kernel import papers
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError
from saas.support import selectors as support
from saas.support import services as support_services
from saas.support.rules import Activity, ItemState, WaitsFor
from saas.tenants.vendors import selectors as vendor_facts

Context = dict[str, Any]
_EXPIRING = "expiring"


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def mall_context(request: HttpRequest, frame: Context, mall: str) -> Context:
    """A mall's list for its page. Who may decide items may not always do the other things of that page."""
    lines = [
        (
            line,
            ItemForm(
                initial={
                    "state": line.state,
                    "waits_for": line.waits_for,
                    "note": line.note,
                    "expires_on": line.expires_on,
                }
            ),
        )
        for line in support.checklist(mall)
    ]
    decides = rights.may_act(request.user, rights.area_of("item"))  # type: ignore[arg-type]
    reads = rights.may_look(request.user, rights.area_of("item_file"))  # type: ignore[arg-type]
    return {
        "lines": lines,
        "decides_items": decides,
        "reads_files": reads,
        "acts_in_part": decides and frame["looks_only"],
        "activities": support.activities(mall),
    }


def checklists(request: HttpRequest, frame: Context) -> HttpResponse:
    """What is open in all malls, by whose turn it is; what expires."""
    wanted = request.GET.get("turn", WaitsFor.PLATFORM)
    turns = support.turns()
    expiring = support.expiring(today=china_date(now()))
    turn = wanted if wanted in {*turns, _EXPIRING} else WaitsFor.PLATFORM
    rows = expiring if turn == _EXPIRING else support.listed(waits_for=WaitsFor(turn))
    page = Paginator(rows, 100).get_page(request.GET.get("page"))
    places = {place.mall: place for place in vendor_facts.places_of_malls([item.mall for item in page])}
    tabs = [(one.value, word(one.value), count) for one, count in turns.items()]
    context = {
        **frame,
        "title": _("Launch checklists"),
        "page": page,
        "rows": [(item, places.get(item.mall)) for item in page],
        "tabs": [*tabs, (_EXPIRING, _("Expires within 30 days"), expiring.count())],
        "turn": str(turn),
    }
    return render(request, "console/checklists.html", context)


@require_POST
def decide_item(request: HttpRequest, frame: Context, mall: str, key: str) -> HttpResponse:
    """Say where a launch item stands."""
    form = ItemForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            support_services.decide_item(
                mall=mall,
                key=key,
                state=ItemState(data["state"]),
                waits_for=WaitsFor(data["waits_for"]),
                note=data["note"],
                expires_on=data["expires_on"],
                actor=_actor(request),
                now=now(),
            )
            messages.success(request, _("Saved."))
        except DomainError as error:
            messages.error(request, error.text)
    else:
        messages.error(request, " ".join(f"{form.fields[k].label or k}: {e[0]}" for k, e in form.errors.items()))
    return redirect("console:mall", mall=mall)


@require_POST
def item_activities(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Say what a mall does, for a vendor who did not."""
    place = vendor_facts.place_of_mall(mall)
    wanted = [one for one in Activity if one in request.POST.getlist("activity")]
    support_services.choose_activities(mall=place.mall, activities=wanted, actor=_actor(request), now=now())
    messages.success(request, _("Saved."))
    return redirect("console:mall", mall=mall)


@require_GET
def item_file(request: HttpRequest, frame: Context, mall: str, ulid: str) -> HttpResponse:
    """A file of an item, to be kept."""
    found = support.launch_file(mall=mall, ulid=ulid)
    title = f"{found.item.key}-{found.ulid}"
    return papers.as_download(content=bytes(found.content), kind=found.kind, title=title)
