"""Operators bring the export of another installation, see what it holds, and have a mall made of it."""

import contextlib
import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from billing import selectors as billing
from billing.selectors.words import FEATURES
from provisioning.archives.findings import Difference, Findings
from provisioning.lifecycle.services import arrivals
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator.models import Run
from saas.console.forms import ImportForm
from saas.identity import services as identity
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from saas.tenants.vendors.mode_words import MODE_WORDS

Context = dict[str, Any]


def imports(request: HttpRequest, frame: Context) -> HttpResponse:
    """Bring a file, and those that wait."""
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = _("Please choose the file of an export.")
        else:
            try:
                name = arrivals.take_in(content=file.chunks(), size=file.size or 0, actor=_actor(request), now=now())
                return redirect("console:import_file", name=name)
            except DomainError as error:
                problem = error.text
    context = {
        **frame,
        "title": _("Import a mall"),
        "problem": problem,
        "waiting": arrivals.waiting(),
        "gigabytes": arrivals.UPLOAD_BYTES_MAX // 1_000_000_000,
    }
    return render(request, "console/imports.html", context, status=422 if problem else 200)


def import_file(request: HttpRequest, frame: Context, name: str) -> HttpResponse:
    """What a file holds and what differs here; from here it becomes a mall."""
    if made := runs.run_by_key(f"console:{request.POST.get('key', '')}"):  # sent twice by an impatient hand
        return redirect("console:run", ulid=made.ulid)
    form = ImportForm(request.POST or None, initial={"key": new_ulid()})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("console:run", ulid=_make(request, name, form.cleaned_data).ulid)
        except DomainError as error:
            field = {"name": "mall_name"}.get(error.field or "", error.field)
            form.add_error(field if field in form.fields else None, error.text)
    looked = arrivals.look_into(name)
    plans = billing.price_list()
    asked = request.POST.get("plan") or request.GET.get("plan") or ""
    plan = next((one for one in plans if one.code == asked), plans[0] if plans else None)
    context = {**frame, "title": _("Import a mall"), "looked": looked, "form": form, "plans": plans, "plan": plan}
    if looked.found is not None:
        form.initial["mall_name"] = looked.found.title[:40]
        form.initial["plan"] = plan.code if plan else ""
        told = arrivals.differences(found=looked.found, plan_code=plan.code) if plan else []
        taken = _instant(looked.found.taken_at)
        context |= {"rows": _rows(told), "book": _book(looked.found), "taken": taken}
    return render(request, "console/import_file.html", context)


@require_POST
def import_discard(request: HttpRequest, frame: Context, name: str) -> HttpResponse:
    """Delete a file that waits."""
    try:
        arrivals.throw_away(arrival=name, actor=_actor(request), now=now())
        messages.success(request, _("The file was deleted."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("console:imports")


def _make(request: HttpRequest, name: str, data: dict[str, Any]) -> Run:
    with transaction.atomic():  # a refusal leaves no owner behind
        owner = identity.ensure_user(target=data["target"], name=data["mall_name"], actor=_actor(request))
        return arrivals.make_mall(
            arrival=name,
            owner=owner,
            name=data["mall_name"],
            subdomain=data["subdomain"],
            plan_code=data["plan"],
            key=f"console:{data['key']}",
            actor=_actor(request),
            now=now(),
        )


def _rows(told: list[Difference]) -> list[dict[str, Any]]:
    return [
        {
            "word": FEATURES.get(one.feature, one.feature),
            "there": _value(one.there),
            "here": _value(one.here),
            "over": one.over,
        }
        for one in told
    ]


def _value(value: Any) -> str:
    if value is None:
        return _("No limit")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return _(", ").join(str(MODE_WORDS.get(str(one), one)) for one in value) or _("None")
    return str(value)


def _instant(text: str) -> dt.datetime | None:
    """The moment of an export; None where the file says something that is none."""
    with contextlib.suppress(ValueError):
        found = parse_datetime(text)
        return found if found is not None and is_aware(found) else None
    return None


def _book(found: Findings) -> str:
    count = len({family for family, _posted, _asset in found.book})
    return ngettext("%(count)s group of accounts", "%(count)s groups of accounts", count) % {"count": count}


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]
