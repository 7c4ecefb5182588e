"""Money rules: the form generated from a mode's settings model, its versions, what changed and why."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice import people
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.modes import describing, selectors, services
from tenant_apps.modes.forms import extras, initial_of, settings_form
from tenant_apps.modes.registry import SETTINGS

_TITLES = {
    "distribution": gettext_lazy("Distribution"),
    "settlement": gettext_lazy("Settlement terms"),
    "orders": gettext_lazy("Freight and checkout"),
}


class PublishForm(forms.Form):
    """Why, and whether the cautions were read."""

    reason = forms.CharField(
        label=gettext_lazy("Why do they change?"), max_length=200, help_text=gettext_lazy("Kept with the version.")
    )
    accept_cautions = forms.BooleanField(label=gettext_lazy("I have read the cautions"), required=False)


@needs(Role.FINANCE)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, mode: str) -> HttpResponse:
    """The settings in force as a form; publishing makes a new version for orders from now on. Owners publish."""
    if mode not in SETTINGS:
        raise Http404
    current = selectors.current_settings(mode=mode, now=now())
    start = current.values if current else SETTINGS[mode]()
    form = settings_form(mode)(request.POST or None, initial=initial_of(start))
    publish = PublishForm(request.POST or None)
    status, cautions = 200, False
    owner = has_role(request.user, Role.OWNER)  # type: ignore[arg-type]
    if request.method == "POST":
        status = 422
        if not owner:
            publish.add_error(None, _("Only an owner publishes money rules."))
        elif form.is_valid() and publish.is_valid():
            try:
                made = services.publish_settings(
                    actor=actor_of(request),
                    mode=mode,
                    values=form.values(),
                    reason=publish.cleaned_data["reason"],
                    now=now(),
                    accept_cautions=publish.cleaned_data["accept_cautions"],
                    expected_number=_number(request),
                )
            except DomainError as error:
                cautions = isinstance(error, services.CautionsUnread)
                _refuse(form, publish, error)
            else:
                text = _("Version %(number)s holds for orders from now on.") % {"number": made.number}
                messages.success(request, text)
                return redirect("backoffice:settings", mode)
    return show(
        request,
        "settings",
        _TITLES.get(mode, mode),
        status=status,
        mode=mode,
        form=form,
        publish=publish,
        cautions=cautions,
        owner=owner,
        current=current,
        latest=selectors.history(mode=mode).first(),
        versions=_versions(mode),
    )


def _number(request: HttpRequest) -> int | None:
    text = request.POST.get("expected_number", "")
    return int(text) if text.isdigit() else None


def _refuse(form: forms.Form, publish: PublishForm, error: DomainError) -> None:
    named = error.data.get("fields", {}) if error.data else {}
    for name, text in named.items():
        root = name.partition(".")[0]
        form.add_error(root if root in form.fields else None, text)
    if named:
        return
    if error.field in form.fields:
        form.add_error(error.field, error.text)
    elif error.field in publish.fields:
        publish.add_error(error.field, error.text)
    else:
        publish.add_error(None, error.text)


def _versions(mode: str) -> list[dict[str, Any]]:
    rows = list(selectors.history(mode=mode)[:30])
    names = people.names(row.author for row in rows)
    found = []
    for row, earlier in zip(rows, [*rows[1:], None], strict=False):
        changes = selectors.changes(mode=mode, before=earlier.values if earlier else None, after=row.values)
        shown = [
            (_(change.label), _shown(mode, change.name, change.before), _shown(mode, change.name, change.after))
            for change in changes
        ]
        found.append({"row": row, "author": names.get(row.author, row.author), "changes": shown})
    return found


def _shown(mode: str, name: str, value: Any) -> str:
    return describing.shown(extras(SETTINGS[mode].model_fields[name])["unit"], value)


@needs(Role.OWNER)
@require_POST
def roll_back(request: HttpRequest, mode: str, ulid: str) -> HttpResponse:
    """Publish an earlier version's values again, as a new version."""
    return act(
        request,
        lambda: services.roll_back_settings(
            actor=actor_of(request),
            version_ulid=ulid,
            reason=request.POST.get("reason", ""),
            now=now(),
            accept_cautions=bool(request.POST.get("accept_cautions")),
        ),
        done=_("The earlier settings hold again, as a new version."),
        back=reverse("backoffice:settings", args=[mode]),
    )
