"""Money rules: the form generated from a mode's settings model, its draft, its zones, its versions."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity import services as identity
from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice import people, picking
from tenant_apps.backoffice.labels import mode_title
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, prepare_instead, show
from tenant_apps.backoffice.projections import figures_kept
from tenant_apps.backoffice.views_presets import starts_of
from tenant_apps.modes import describing, selectors, services
from tenant_apps.modes.forms import KeysField, OverridesField, initial_of, settings_form
from tenant_apps.modes.models import SettingsDraft, SettingsVersion
from tenant_apps.modes.registry import EVIDENCE, MODES, SETTINGS, STARTS

NEWEST = 5
ULID_LENGTH = 26


class PublishForm(forms.Form):
    """Why, from when on, and whether the cautions were read."""

    reason = forms.CharField(
        label=gettext_lazy("Why do they change?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Kept with the version; a draft keeps it as its note."),
    )
    effective_from = forms.DateTimeField(
        label=gettext_lazy("In force from"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty: at once. Never in the past."),
    )
    accept_cautions = forms.BooleanField(label=gettext_lazy("I have read the cautions"), required=False)


@needs(Role.FINANCE)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, mode: str) -> HttpResponse:
    """The draft, or the settings in force, as a form. Saving keeps a draft; publishing makes a version. Owners publish."""
    zones = _zones(mode)
    zone = request.GET.get("zone", "")
    if mode not in SETTINGS or (zone and zone not in zones):
        raise Http404
    instant = now()
    pinned = selectors.settings_in_force(now=instant)
    current = selectors.of_zone(pinned, zone).get(mode)
    draft = selectors.draft_of(mode=mode, zone=zone)
    form = settings_form(mode)(
        request.POST or None, initial=_initial(mode, draft, current, request.GET.get("start", ""))
    )
    _mark_lists(form)
    publish = PublishForm(request.POST or None, initial={"reason": draft.note if draft else ""})
    owner = has_role(request.user, Role.OWNER)  # type: ignore[arg-type]
    status, cautions = 200, False
    if request.method == "POST":
        done, status, cautions = _save(request, mode, zone, form, publish, owner=owner)
        if done:
            return redirect(done)
    latest = selectors.history(mode=mode, zone=zone).first()
    rows = selectors.history(mode=mode, zone=zone)[: NEWEST + 1]
    return show(
        request,
        "settings",
        mode_title(mode),
        status=status,
        mode=mode,
        is_mode=mode in MODES,
        is_projected=mode in EVIDENCE,
        starts=starts_of(mode),
        started=request.GET.get("start", ""),
        projected=[
            (kind, kept)
            for kind, row in (("draft", draft), ("version", latest))
            if row is not None and (kept := figures_kept(row.evidence))
        ],
        zone=zone,
        zones=zones,
        own=selectors.zones_with_own_settings(now=instant).get(mode, []),
        form=form,
        named=_named(form),
        publish=publish,
        cautions=cautions,
        owner=owner,
        current=current,
        draft=draft,
        draft_author=people.names([draft.author]).get(draft.author, draft.author) if draft else "",
        draft_changes=_draft_changes(draft, current),
        latest=latest,
        versions=_versions(list(rows))[:NEWEST],
        scheduled=[one for one in selectors.scheduled(now=instant) if (one.mode, one.zone) == (mode, zone)],
    )


def _mark_lists(form: forms.Form) -> None:
    """Fields whose lines the page shows as rows with search fields."""
    for field in form.fields.values():
        if isinstance(field, OverridesField):
            field.widget.attrs["data-overrides"] = "1"
        elif isinstance(field, KeysField):
            field.widget.attrs["data-keys"] = "1"


def _named(form: Any) -> dict[str, str]:
    """What the keys in those lines are called."""
    texts = [
        str(field.prepare_value(form[name].value()) or "")
        for name, field in form.fields.items()
        if isinstance(field, OverridesField | KeysField)
    ]
    return picking.titles({word for text in texts for word in text.split()})


def _zones(mode: str) -> dict[str, str]:
    return selectors.zone_names() if mode in MODES else {}


def _initial(
    mode: str, draft: SettingsDraft | None, current: selectors.Pinned | None, start: str = ""
) -> dict[str, Any]:
    if start in STARTS.get(mode, {}):
        return initial_of(SETTINGS[mode].model_validate(dict(STARTS[mode][start][2])))
    if draft and not draft.inherits:
        return initial_of(SETTINGS[mode].model_validate(draft.values))
    return initial_of(current.values if current else SETTINGS[mode]())


def _save(
    request: HttpRequest, mode: str, zone: str, form: Any, publish: PublishForm, *, owner: bool
) -> tuple[str, int, bool]:
    """Save or publish what was sent: where to go, or the status and whether cautions wait to be read."""
    step = request.POST.get("step", "publish")
    if step == "publish" and not owner:
        publish.add_error(None, _("Only an owner publishes money rules."))
        return "", 422, False
    if not (form.is_valid() and publish.is_valid()):
        return "", 422, False
    here = f"{reverse('backoffice:settings', args=[mode])}{f'?zone={zone}' if zone else ''}"
    try:
        if step == "publish":
            made = _publish(request, mode, zone, form.values(), publish)
            start = localtime(made.effective_from)
            text = _("Version %(number)s holds for orders from %(start)s on.") % {
                "number": made.number,
                "start": f"{start:%Y-%m-%d %H:%M}",
            }
            messages.success(request, text)
            return here, 302, False
        services.save_draft(
            actor=actor_of(request),
            mode=mode,
            zone=zone,
            values=form.values(),
            note=publish.cleaned_data["reason"],
            expected=request.POST.get("expected_draft"),
            now=now(),
        )
    except identity.SecondPersonNeeded as error:
        return prepare_instead(request, error, back=here).url, 302, False
    except DomainError as error:
        _refuse(form, publish, error)
        return "", error.http_status if error.http_status != 409 else 422, isinstance(error, services.CautionsUnread)
    messages.success(request, _("The draft is kept. Nothing has changed for shoppers yet."))
    if step == "project" and mode in EVIDENCE:
        return reverse("backoffice:projection"), 302, False
    return f"{reverse('backoffice:preview')}?draft={mode}@{zone}" if step == "preview" else here, 302, False


def _publish(
    request: HttpRequest, mode: str, zone: str, values: dict[str, Any], publish: PublishForm
) -> SettingsVersion:
    return services.publish_settings(
        actor=actor_of(request),
        mode=mode,
        zone=zone,
        values=values,
        reason=publish.cleaned_data["reason"],
        effective_from=publish.cleaned_data["effective_from"],
        now=now(),
        accept_cautions=publish.cleaned_data["accept_cautions"],
        expected_number=_number(request),
    )


def _number(request: HttpRequest) -> int | None:
    text = request.POST.get("expected_number", "")
    return int(text) if text.isdigit() else None


def _refuse(form: forms.Form, publish: PublishForm, error: DomainError) -> None:
    """Each text beside the field it is about, the rest above the form."""
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


def _draft_changes(draft: SettingsDraft | None, current: selectors.Pinned | None) -> list[tuple[str, str, str]]:
    """What the draft would change of what holds now."""
    if draft is None or draft.inherits:
        return []
    before = selectors.values_of(current.values) if current else None
    return _shown_changes(draft.mode, selectors.changes(mode=draft.mode, before=before, after=draft.values))


def _versions(rows: list[SettingsVersion]) -> list[dict[str, Any]]:
    """Versions with what each changed; `rows` newest first, of one mode and zone."""
    names = people.names(row.author for row in rows)
    return [
        {
            "row": row,
            "author": names.get(row.author, row.author),
            "changes": _shown_changes(row.mode, selectors.changes_to(row, earlier=earlier)),
        }
        for row, earlier in zip(rows, [*rows[1:], None], strict=False)
    ]


def _shown_changes(mode: str, changes: Any) -> list[tuple[str, str, str]]:
    shown = [
        (
            _(change.label),
            describing.shown_value(mode, change.name, change.before),
            describing.shown_value(mode, change.name, change.after),
        )
        for change in changes
    ]
    keys = {word for _label, *texts in shown for text in texts for word in text.split() if len(word) == ULID_LENGTH}
    titles = picking.titles(keys)
    return [(label, _with_titles(before, titles), _with_titles(after, titles)) for label, before, after in shown]


def _with_titles(text: str, titles: dict[str, str]) -> str:
    """Keys of products, SKUs and sellers as people call them."""
    for key, title in titles.items():
        text = text.replace(key, f"“{title}”")
    return text


@needs(Role.FINANCE)
@require_safe
def history(request: HttpRequest, mode: str) -> HttpResponse:
    """Every version of a mode and zone, each with what it changed; two of them side by side."""
    if mode not in SETTINGS:
        raise Http404
    zone = request.GET.get("zone", "")
    page = page_of(request, selectors.history(mode=mode, zone=zone))
    rows = list(page)
    older = selectors.history(mode=mode, zone=zone).filter(number__lt=rows[-1].number).first() if rows else None
    shown = _versions([*rows, older] if older else rows)[: len(rows)]
    return show(
        request,
        "settings_history",
        _("Versions: %(name)s") % {"name": mode_title(mode)},
        mode=mode,
        zone=zone,
        zones=_zones(mode),
        page=page,
        versions=shown,
        owner=has_role(request.user, Role.OWNER),  # type: ignore[arg-type]
        instant=now(),
        compared=_compared(request, mode),
    )


def _compared(request: HttpRequest, mode: str) -> list[tuple[str, str, str]] | None:
    one, other = request.GET.get("a", ""), request.GET.get("b", "")
    if not (one and other):
        return None
    before, after = selectors.settings_version(one), selectors.settings_version(other)
    if {before.mode, after.mode} != {mode}:
        raise Http404
    return _shown_changes(mode, selectors.changes(mode=mode, before=before.values, after=after.values))


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
        back=_back(request, mode),
    )


@needs(Role.OWNER)
@require_POST
def follow(request: HttpRequest, mode: str) -> HttpResponse:
    """A zone gives its own settings up and follows the whole mall again."""
    return act(
        request,
        lambda: services.publish_settings(
            actor=actor_of(request),
            mode=mode,
            zone=request.POST.get("zone", ""),
            values=None,
            reason=request.POST.get("reason", ""),
            accept_cautions=bool(request.POST.get("accept_cautions")),
            now=now(),
        ),
        done=_("The zone follows the whole mall again."),
        back=_back(request, mode),
    )


@needs(Role.FINANCE)
@require_POST
def discard(request: HttpRequest, mode: str) -> HttpResponse:
    """Throw the draft away."""
    return act(
        request,
        lambda: services.discard_draft(
            actor=actor_of(request), mode=mode, zone=request.POST.get("zone", ""), now=now()
        ),
        done=_("The draft is gone."),
        back=_back(request, mode),
    )


def _back(request: HttpRequest, mode: str) -> str:
    zone = request.POST.get("zone", "")
    return f"{reverse('backoffice:settings', args=[mode])}{f'?zone={zone}' if zone else ''}"
