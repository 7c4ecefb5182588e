"""Operators roll releases out over the malls of a cell, and move malls between cells."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.rules import ROLLOUT_ACTIVE, ROLLOUT_RETRYABLE
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from saas.tenants.vendors import selectors as vendor_facts

Context = dict[str, Any]
METHODS = {
    "": gettext_lazy("not yet"),
    "replayed": gettext_lazy("replayed as SQL"),
    "migrated": gettext_lazy("by Django"),
    "current": gettext_lazy("nothing to do"),
}


class MoveForm(forms.Form):
    """Where to, how, and why."""

    target = forms.ChoiceField(label=gettext_lazy("To the cell"), widget=UnfoldAdminSelectWidget)
    way = forms.ChoiceField(
        label=gettext_lazy("Way"),
        choices=[
            ("dump", gettext_lazy("Copy while writes are refused: for small malls")),
            (
                "replication",
                gettext_lazy("Follow its changes while it works, refuse writes at the end: for large malls"),
            ),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    keep_days = forms.IntegerField(
        label=gettext_lazy("Days for which the old copy is kept"), initial=7, widget=UnfoldAdminIntegerFieldWidget
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=UnfoldAdminTextInputWidget)
    key = forms.CharField(max_length=26, widget=forms.HiddenInput)

    def __init__(self, *args: Any, here: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        loads = [load for load in vendor_facts.cell_loads(now=now()) if load.cell.cell_id != here]
        self.fields["target"].choices = [  # type: ignore[attr-defined]
            (load.cell.cell_id, f"{load.cell.cell_id} {load.cell.name} ({load.malls} / {load.cell.ceiling})")
            for load in loads
        ]


def move(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Move a mall: the form, and what became of earlier moves."""
    place = vendor_facts.place_of_mall(mall)
    form = MoveForm(request.POST or None, here=place.cell.cell_id, initial={"key": new_ulid()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            run = provisioning.move_mall(
                mall=mall,
                target=data["target"],
                way=data["way"],
                keep_days=data["keep_days"],
                reason=data["reason"],
                key=f"move:{data['key']}",
                actor=_actor(request),
                now=now(),
            )
            return redirect("console:run", ulid=run.ulid)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
    moves = [view for view in runs.runs_of(place) if view.run.kind.startswith("move")]
    retired = {view.run.order["run_of_move"] for view in moves if "run_of_move" in view.run.order}
    context = {
        **frame,
        "title": place.name,
        "place": place,
        "form": form,
        "views": moves,
        "undoable": runs.undoable_move(place),
        "kept": [view for view in moves if view.run.kind == "move" and view.succeeded and view.run.ulid not in retired],
    }
    return render(request, "console/move.html", context)


@require_POST
def move_undo(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Let the mall work again where it stands."""
    run = runs.run_view(ulid).run
    try:
        made = provisioning.undo_move(
            run_ulid=ulid, reason=_reason(request), key=f"undo:{ulid}:{run.serial}", actor=_actor(request), now=now()
        )
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("console:move", mall=run.place.mall)
    return redirect("console:run", ulid=made.ulid)


@require_POST
def move_retire(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Drop the old copy of a move now."""
    place = runs.run_view(ulid).run.place
    try:
        made = provisioning.retire_copy(run_ulid=ulid, reason=_reason(request), actor=_actor(request), now=now())
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("console:move", mall=place.mall)
    return redirect("console:run", ulid=made.ulid)


def rollouts(request: HttpRequest, frame: Context) -> HttpResponse:
    """Every rollout, and the form that asks for one."""
    if request.method == "POST":
        try:
            made = provisioning.request_rollout(
                cell_id=request.POST.get("cell", ""), reason=_reason(request), actor=_actor(request), now=now()
            )
            return redirect("console:rollout", ulid=made.ulid)
        except DomainError as error:
            messages.error(request, error.text)
            return redirect("console:rollouts")
    context = {
        **frame,
        "title": _("Rollouts"),
        "rollouts": runs.rollouts(limit=100),
        "cells": vendor_facts.cell_loads(now=now()),
    }
    return render(request, "console/rollouts.html", context)


def rollout(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """One rollout: each mall, and what failed."""
    found, lines = runs.rollout(ulid)
    context = {
        **frame,
        "title": _("Rollout"),
        "rollout": found,
        "lines": [(line, METHODS.get(line.row.method, line.row.method)) for line in lines[:1000]],
        "is_active": found.state in ROLLOUT_ACTIVE,
        "retryable": found.state in ROLLOUT_RETRYABLE,
    }
    part = "console/rollout_part.html" if request.headers.get("HX-Request") else "console/rollout.html"
    return render(request, part, context)


@require_POST
def rollout_retry(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Try the failed malls again."""
    try:
        provisioning.retry_rollout(ulid=ulid, reason=_reason(request), actor=_actor(request), now=now())
        messages.success(request, _("The malls that failed are tried again."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect(reverse("console:rollout", kwargs={"ulid": ulid}))


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]
