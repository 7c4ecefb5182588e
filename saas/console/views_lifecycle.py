"""Operators look at backups, drills, exports and deletions, and ask for them; every one with a reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from provisioning.lifecycle import rules, selectors, services
from provisioning.orchestrator import services as provisioning
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.vendors import selectors as vendor_facts

Context = dict[str, Any]
STATES = {
    "asked": gettext_lazy("Asked for"),
    "running": gettext_lazy("Under way"),
    "ready": gettext_lazy("Ready"),
    "failed": gettext_lazy("Failed"),
    "deleted": gettext_lazy("Deleted after its time"),
    "making": pgettext_lazy("file", "Being made"),
    "expired": gettext_lazy("Its time is over"),
    "scheduled": gettext_lazy("Scheduled"),
    "done": gettext_lazy("Done"),
    "cancelled": gettext_lazy("Called off"),
}
COLOURS = {
    "ready": "succeeded",
    "done": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "deleted": "cancelled",
}
CHECKS = {
    "subscription_ended": gettext_lazy("The subscription has ended"),
    "invoices_paid": gettext_lazy("Nothing is owed for this mall"),
    "orders_finished": gettext_lazy("No order is under way"),
    "withdrawals_settled": gettext_lazy("No withdrawal is open"),
    "clearing_empty": gettext_lazy("Every clearing account is empty"),
    "export_made": gettext_lazy("A full export was made"),
    "books_taken": gettext_lazy("The vendor has the books that the law wants kept"),
}


def _rows(lines: list[selectors.Line]) -> list[dict[str, Any]]:
    return [
        {
            "row": line.row,
            "name": line.name,
            "word": STATES.get(getattr(line.row, "state", ""), ""),
            "colour": COLOURS.get(getattr(line.row, "state", ""), "running"),
        }
        for line in lines
    ]


def backups(request: HttpRequest, frame: Context) -> HttpResponse:
    """Backups and drills of all malls, and the malls that have none."""
    found = selectors.backups(limit=200)
    context = {
        **frame,
        "title": _("Backups"),
        "backups": _rows(selectors.with_names(found)),
        "drills": _rows(selectors.with_names(selectors.drills())),
        "unsaved": selectors.unsaved_malls(found),
    }
    return render(request, "console/backups.html", context)


def departures(request: HttpRequest, frame: Context) -> HttpResponse:
    """Exports and deletions of all malls."""
    context = {
        **frame,
        "title": _("Exports and deletions"),
        "exports": _rows(selectors.with_names(selectors.exports())),
        "deletions": _rows(selectors.with_names(selectors.deletions())),
    }
    return render(request, "console/departures.html", context)


def lifecycle(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """One mall: its backups, exports, its deletion with the checklist."""
    place = vendor_facts.place_of_mall(mall)
    row = selectors.newest_deletion(mall)
    context = {
        **frame,
        "title": place.name,
        "place": place,
        "backups": _rows(selectors.with_names(selectors.backups(mall=mall, limit=50))),
        "exports": [
            {"one": one, "word": STATES[one.row.state], "colour": COLOURS.get(one.row.state, "running")}
            for one in selectors.exports_of(mall)
        ],
        "demo": selectors.demo(mall),
        "resets": [(one, STATES[one.state], COLOURS[one.state]) for one in selectors.resets(mall)],
        "can_be_demo": place.state == "rehearsal",
        "can_be_cloned": place.state == "live",
        "deletion": row,
        "deletion_word": STATES[row.state] if row else "",
        "deletion_colour": COLOURS.get(row.state, "running") if row else "",
        "checks": [(check, CHECKS[check.key]) for check in selectors.checks(row)] if row else [],
        "mine": bool(row and row.asked_by == _actor(request)),
        "asked": bool(row and row.state == "asked"),
        "cancellable": bool(row and row.state in rules.CANCELLABLE),
        "is_open": bool(row and row.state in rules.OPEN),
        "wait_days": rules.WAIT_DAYS,
    }
    return render(request, "console/lifecycle.html", context)


@require_POST
def act(request: HttpRequest, frame: Context, mall: str, what: str) -> HttpResponse:
    """Do one thing about a mall: the form's reason goes into the audit trail."""
    try:
        answer = _ACTS[what](request, mall)
    except KeyError:
        return HttpResponse(status=404)
    except DomainError as error:
        messages.error(request, error.text)
        answer = None
    else:
        if answer is None:
            messages.success(request, _("Asked for. What comes of it is shown here."))
    return answer or redirect("console:lifecycle", mall=mall)


def _common(request: HttpRequest) -> dict[str, Any]:
    return {"reason": request.POST.get("reason", ""), "actor": _actor(request), "now": now()}


def _backup(request: HttpRequest, mall: str) -> None:
    services.request_backup(mall=mall, **_common(request))


def _drill(request: HttpRequest, mall: str) -> None:
    services.request_drill(mall=mall, **_common(request))


def _export(request: HttpRequest, mall: str) -> None:
    services.request_export(mall=mall, **_common(request))


def _open(request: HttpRequest, mall: str) -> None:
    services.open_held_mall(mall=mall, **_common(request))


def _download(request: HttpRequest, mall: str) -> HttpResponse:
    link = services.download_link(mall=mall, ulid=request.POST.get("export", ""), **_common(request))
    return redirect(link)


def _restore(request: HttpRequest, mall: str) -> HttpResponse:
    run = provisioning.restore_mall(
        mall=mall,
        name=request.POST.get("name", ""),
        subdomain=request.POST.get("subdomain", ""),
        backup=request.POST.get("backup", ""),
        key=f"restore:{request.POST.get('backup', '')}:{request.POST.get('subdomain', '')}",
        **_common(request),
    )
    return redirect("console:run", ulid=run.ulid)


def _demo(request: HttpRequest, mall: str) -> None:
    text = request.POST.get("hour", "")
    hour = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1
    services.switch_demo(mall=mall, hour=hour, new_seed=request.POST.get("new_seed") == "1", **_common(request))


def _demo_off(request: HttpRequest, mall: str) -> None:
    services.switch_demo(mall=mall, hour=None, new_seed=False, **_common(request))


def _reset(request: HttpRequest, mall: str) -> None:
    services.reset_demo(mall=mall, **_common(request))


def _clone(request: HttpRequest, mall: str) -> HttpResponse:
    run = provisioning.clone_into_rehearsal(
        mall=mall,
        name=request.POST.get("name", ""),
        subdomain=request.POST.get("subdomain", ""),
        key=f"clone:{mall}:{request.POST.get('subdomain', '')}",
        **_common(request),
    )
    return redirect("console:run", ulid=run.ulid)


def _delete(request: HttpRequest, mall: str) -> None:
    services.ask_deletion(
        mall=mall, by_vendor=False, books_taken=request.POST.get("books_taken") == "1", **_common(request)
    )


def _ask_again(request: HttpRequest, mall: str) -> None:
    services.ask_the_cell(ulid=request.POST.get("deletion", ""), actor=_actor(request), now=now())


def _confirm(request: HttpRequest, mall: str) -> None:
    text = request.POST.get("days", "")
    days = int(text) if text.isdigit() and len(text) < 5 else 0
    services.confirm_deletion(ulid=request.POST.get("deletion", ""), days=days, **_common(request))


def _cancel(request: HttpRequest, mall: str) -> None:
    services.cancel_deletion(ulid=request.POST.get("deletion", ""), **_common(request))


_ACTS: dict[str, Callable[[HttpRequest, str], HttpResponse | None]] = {
    "backup": _backup,
    "drill": _drill,
    "export": _export,
    "open": _open,
    "download": _download,
    "restore": _restore,
    "clone": _clone,
    "demo": _demo,
    "demo-off": _demo_off,
    "reset": _reset,
    "delete": _delete,
    "ask-again": _ask_again,
    "confirm": _confirm,
    "cancel": _cancel,
}


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]
