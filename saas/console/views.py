"""Pages of the console that are not a table: start, new mall, run, mall, events, ledger. One service call each."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing import selectors as billing
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator import services as provisioning
from saas.console import event_words, views_checklist
from saas.console.forms import NewMallForm, ReasonForm
from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as ledger_facts
from saas.messaging.bus import selectors as bus
from saas.messaging.bus import services as bus_services
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.rules import AgreementKind

Context = dict[str, Any]
FAMILIES: dict[str, Any] = {
    "bank": gettext_lazy("Bank"),
    "channel": gettext_lazy("Payment channels"),
    "clearing": gettext_lazy("Clearing accounts"),
    "revenue": gettext_lazy("Revenue"),
    "vendor.balance": gettext_lazy("Vendors' balances and dues"),
}


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def new_mall(request: HttpRequest, frame: Context) -> HttpResponse:
    """The operator's form for what the signup page does."""
    form = NewMallForm(request.POST or None, initial={"key": new_ulid()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            owner = identity.ensure_user(target=data["target"], name=data["contact_name"], actor=_actor(request))
            run = provisioning.sign_up(
                owner=owner,
                company=data["company"],
                contact_name=data["contact_name"],
                mall_name=data["mall_name"],
                subdomain=data["subdomain"],
                plan_code=data["plan"],
                agreements=tuple(AgreementKind),
                key=f"console:{data['key']}",
                actor=_actor(request),
                now=now(),
            )
            return redirect("console:run", ulid=run.ulid)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
    return render(request, "console/new_mall.html", {**frame, "title": _("Open a mall"), "form": form})


def run(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """A run with its steps and logs."""
    view = runs.run_view(ulid)
    newest = runs.newest_run(view.run.place)
    context = {
        **frame,
        "title": view.run.place.name,
        "view": view,
        "place": view.run.place,
        "reason": ReasonForm(),
        "retryable": newest is not None and newest.pk == view.run.pk and view.run.state in ("failed", "cancelled"),
        "removable": not view.is_active and view.run.place.state in ("failed", "rehearsal", "provisioning"),
    }
    part = "console/run_part.html" if request.headers.get("HX-Request") else "console/run.html"
    return render(request, part, context)


@require_POST
def run_retry(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """From the step that failed."""
    provisioning.retry_run(run_ulid=ulid, actor=_actor(request), now=now(), reason=_reason(request))
    messages.success(request, _("The run goes on from the step that failed."))
    return redirect("console:run", ulid=ulid)


@require_POST
def run_cancel(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Before its next step."""
    provisioning.cancel_run(run_ulid=ulid, actor=_actor(request), now=now(), reason=_reason(request))
    messages.success(request, _("The run stops before its next step."))
    return redirect("console:run", ulid=ulid)


def mall(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """A mall: place, plan, runs, checklist."""
    place = vendor_facts.place_of_mall(mall)
    context = {
        **frame,
        "title": place.name,
        "place": place,
        "url": vendor_facts.mall_url(place),
        "plan": billing.plan_by_code(place.plan_code),
        "runs": runs.runs_of(place),
        **views_checklist.mall_context(request, frame, mall),
        "acceptances": vendor_facts.acceptances(place.vendor),
        "sales": vendor_facts.sales([mall], since=china_date(now()) - dt.timedelta(days=29)),
    }
    return render(request, "console/mall.html", context)


@require_POST
def mall_roll_back(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Unmake a mall that has not gone live, as a run of its own."""
    key = f"console:{request.POST.get('key') or new_ulid()}"
    made = provisioning.roll_back(mall=mall, key=key, actor=_actor(request), now=now(), reason=_reason(request))
    return redirect("console:run", ulid=made.ulid)


def events(request: HttpRequest, frame: Context) -> HttpResponse:
    """Outbox and inbox of control: what waits, what failed."""
    context = {
        **frame,
        "title": _("Events"),
        "failures": [(event_words.topic_words(one.topic), one) for one in bus.failures(limit=100)],
        "waiting": [(event_words.topic_words(one.topic), one) for one in bus.waiting(limit=100)],
    }
    return render(request, "console/events.html", context)


@require_POST
def event_retry(request: HttpRequest, frame: Context, event_id: str) -> HttpResponse:
    """Try an event again, from its first attempt."""
    with transaction.atomic():
        bus_services.retry(event_id, now=now())
        audit.record(_actor(request), "event.retried", target=f"event:{event_id}")
    messages.success(request, _("The event is tried again."))
    return redirect("console:events")


def ledger(request: HttpRequest, frame: Context) -> HttpResponse:
    """The platform's own book: trial balance and what does not clear."""
    rows = ledger_facts.trial_balance()
    context = {
        **frame,
        "title": _("Ledger"),
        "rows": [(row, FAMILIES.get(row.family, row.family)) for row in rows],
        "posted_sum": sum(row.posted for row in rows),
        "uncleared": ledger_facts.uncleared(),
    }
    return render(request, "console/ledger.html", context)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]
