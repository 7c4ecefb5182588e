"""Changes of servers by Terraform: asked for here, planned and applied by the runner, looked at and approved here (P5)."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from provisioning.infrastructure import selectors, services
from provisioning.infrastructure.rules import ENVIRONMENTS
from saas.kernel.clock import now
from saas.kernel.errors import DomainError

Context = dict[str, Any]
STATE_WORDS = {
    "requested": gettext_lazy("Waits for the runner"),
    "planning": gettext_lazy("Being planned"),
    "planned": gettext_lazy("Waits for approval"),
    "approved": gettext_lazy("Approved, waits for the runner"),
    "applying": gettext_lazy("Being applied"),
    "applied": gettext_lazy("Applied"),
    "failed": gettext_lazy("Failed"),
    "discarded": gettext_lazy("Discarded"),
}
STATE_COLOURS = {"applied": "succeeded", "failed": "failed", "discarded": "cancelled", "planned": "waiting"}
_EXAMPLE = {
    "region": "ap-east-1",
    "domain": "malls.example",
    "zones": ["ap-east-1a", "ap-east-1b"],
    "image": "…@sha256:…",
    "cells": {"c1": {"size": "medium"}},
}


class ChangeForm(forms.Form):
    """What the servers shall be."""

    environment = forms.ChoiceField(
        label=gettext_lazy("Environment"), choices=[(e, e) for e in ENVIRONMENTS], widget=UnfoldAdminSelectWidget
    )
    variables = forms.CharField(
        label=gettext_lazy("Variables"),
        help_text=gettext_lazy("JSON, as terraform/environments/…/example.tfvars shows. No secrets."),
        widget=UnfoldAdminTextareaWidget({"rows": 14, "spellcheck": "false"}),
    )
    is_destroy = forms.BooleanField(
        label=gettext_lazy("Destroy everything of this environment"), required=False, widget=UnfoldBooleanWidget
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=UnfoldAdminTextInputWidget)


def servers(request: HttpRequest, frame: Context) -> HttpResponse:
    """Every change, the newest first."""
    rows = [(row, STATE_WORDS[row.state], STATE_COLOURS.get(row.state, "running")) for row in selectors.changes()[:100]]
    return render(request, "console/servers.html", {**frame, "title": _("Servers"), "rows": rows})


def new_change(request: HttpRequest, frame: Context) -> HttpResponse:
    """Ask for a plan."""
    environment = request.GET.get("environment", ENVIRONMENTS[0])
    known = selectors.applied_variables(environment) or _EXAMPLE
    initial = {"environment": environment, "variables": json.dumps(known, indent=2, ensure_ascii=False)}
    form = ChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.request_change(
                environment=data["environment"],
                variables=services.read_variables(data["variables"]),
                is_destroy=data["is_destroy"],
                reason=data["reason"],
                actor=_actor(request),
                now=now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
        else:
            return redirect("console:server_change", ulid=made.ulid)
    return render(request, "console/new_server_change.html", {**frame, "title": _("Change servers"), "form": form})


def server_change(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """A change with its plan and logs."""
    row = selectors.change(ulid)
    context = {
        **frame,
        "title": _("Change of servers: {environment}").format(environment=row.environment),
        "row": row,
        "state_word": STATE_WORDS[row.state],
        "state_colour": STATE_COLOURS.get(row.state, "running"),
        "variables": json.dumps(row.variables, indent=2, ensure_ascii=False),
        "discardable": row.state in ("requested", "planned", "approved"),
    }
    return render(request, "console/server_change.html", context)


@require_POST
def decide_change(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Approve the plan, or discard it."""
    try:
        if request.POST.get("decision") == "approve":
            services.approve_change(
                ulid=ulid, confirmation=request.POST.get("confirmation", ""), actor=_actor(request), now=now()
            )
        else:
            services.discard_change(ulid=ulid, actor=_actor(request), now=now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Saved."))
    return redirect("console:server_change", ulid=ulid)


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]
