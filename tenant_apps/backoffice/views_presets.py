"""Ready-made sets of settings (P15): who earns what on a 100-yuan order, legal flags, use one, keep one's own."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from tenant_apps.backoffice.labels import mode_title
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.backoffice.views_preview import bar
from tenant_apps.modes import preset_figures, presets, selectors, services
from tenant_apps.modes.presets import Example, Values
from tenant_apps.modes.registry import COURSES, MODES, SETTINGS, STARTS
from tenant_apps.modes.subsidy.projection import KeyFigures


@needs(Role.FINANCE)
@require_safe
def preset_list(request: HttpRequest) -> HttpResponse:
    """The six named sets and the vendor's own, each with its example order."""
    planned = selectors.planned_modes()
    ready = [
        _card(one.key, _(one.title), _(one.text), _(one.order), one.settings, one.example, planned)
        for one in presets.PRESETS
    ]
    example = _("Own goods for 100 yuan that cost 50; a V1, a V2 and a V3 stand above the buyer.")
    own = [
        _card(row.ulid, row.name, row.note, example, row.values, Example(ranks=(1, 2, 3), store=True), planned)
        for row in selectors.saved_presets()
    ]
    owner = has_role(request.user, Role.OWNER)  # type: ignore[arg-type]
    return show(
        request,
        "presets",
        _("Ready-made sets"),
        ready=ready,
        own=own,
        owner=owner,
        starts=[one for mode in STARTS for one in starts_of(mode)],
    )


@dataclass(frozen=True)
class Start:
    """A set of one mode's values that its settings page fills in, what to know of it, what it comes to by course."""

    key: str
    mode_title: str
    title: str
    text: str
    address: str
    courses: list[tuple[str, KeyFigures]]


def starts_of(mode: str) -> list[Start]:
    """The sets of one mode, the one to start from first."""
    address = reverse("backoffice:settings", args=[mode])
    return [
        Start(
            key=key,
            mode_title=mode_title(mode),
            title=_(title),
            text=_(text),
            address=f"{address}?start={key}",
            courses=[
                (_(label), figures)
                for label, figures in (
                    COURSES[mode](SETTINGS[mode].model_validate(dict(values))) if mode in COURSES else []
                )
            ],
        )
        for key, (title, text, values) in STARTS.get(mode, {}).items()
    ]


def _card(
    key: str, title: str, text: str, order: str, settings: Values, example: Example, planned: tuple[str, ...] | None
) -> dict[str, Any]:
    answer = preset_figures.answer_of(settings, example)
    modes = {presets.split(one)[0] for one in settings}
    return {
        "key": key,
        "title": title,
        "text": text,
        "order": order,
        "modes": preset_figures.titles(settings),
        "answer": answer,
        "bar": bar(answer),
        "flags": preset_figures.flags(settings),
        "rules": preset_figures.rules(settings),
        "lacking": sorted(one for one in modes if planned is not None and one not in planned and one in MODES),
    }


@needs(Role.OWNER)
@require_POST
def use(request: HttpRequest, key: str) -> HttpResponse:
    """Publish a set as a whole, through every check; a refusal changes nothing."""
    return act(
        request,
        lambda: services.apply_settings_set(
            actor=actor_of(request),
            settings=services.settings_of_preset(key),
            reason=request.POST.get("reason", ""),
            accept_cautions=bool(request.POST.get("accept_cautions")),
            now=now(),
        ),
        done=_("The set holds for orders from now on."),
        back=reverse("backoffice:presets"),
    )


@needs(Role.OWNER)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the settings in force as a set of one's own."""
    return act(
        request,
        lambda: services.save_preset(
            actor=actor_of(request),
            name=request.POST.get("name", ""),
            note=request.POST.get("note", ""),
            now=now(),
        ),
        done=_("The set is kept."),
        back=reverse("backoffice:presets"),
    )


@needs(Role.OWNER)
@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Forget a set of one's own; versions published from it stay."""
    return act(
        request,
        lambda: services.delete_preset(actor=actor_of(request), ulid=key, now=now()),
        done=_("The set is gone; what was published from it stays."),
        back=reverse("backoffice:presets"),
    )
