"""The catalogue of modes (P11): what each does, where it stands, on and off; and the terms that hold for all of them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from tenant_apps.backoffice import people
from tenant_apps.backoffice.labels import MODE_STANDINGS, mode_title
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.modes import catalogue, selectors, services
from tenant_apps.modes.registry import MODES, SETTINGS
from tenant_apps.modes.selectors import ModeStanding


@needs(Role.FINANCE)
@require_safe
def modes(request: HttpRequest) -> HttpResponse:
    """Every registered mode as a card, and the terms beside them."""
    instant = now()
    states = selectors.mode_states(now=instant)
    drafts = {draft.mode for draft in selectors.open_drafts()}
    own = selectors.zones_with_own_settings(now=instant)
    names = people.names(state.latest.author for state in states.values() if state.latest)
    cards: list[dict[str, Any]] = []
    for mode, state in states.items():
        entry = catalogue.entry(mode)
        cards.append(
            {
                "mode": mode,
                "title": mode_title(mode),
                "sentence": _(entry.sentence) if entry.sentence else "",
                "flag": entry.flag.value,
                "rules": entry.rules,
                "state": state,
                "standing": MODE_STANDINGS[state.standing.value],
                "is_on": state.standing is ModeStanding.ON,
                "can_switch_on": state.standing is ModeStanding.OFF,
                "author": names.get(state.latest.author, state.latest.author) if state.latest else "",
                "missing": [subject.value for subject in state.missing],
                "has_draft": mode in drafts,
                "zones": own.get(mode, []),
            }
        )
    return show(
        request,
        "modes",
        _("Money rules"),
        cards=cards,
        owner=has_role(request.user, Role.OWNER),  # type: ignore[arg-type]
        terms=[(mode, mode_title(mode)) for mode in SETTINGS if mode not in MODES],
        zone_names=selectors.zone_names(),
    )


@needs(Role.OWNER)
@require_POST
def switch(request: HttpRequest, mode: str) -> HttpResponse:
    """On: the newest settings, or the defaults, through every check. Off: the same settings, switched off."""
    on = request.POST.get("to") == "on"
    return act(
        request,
        lambda: services.switch_mode(
            actor=actor_of(request),
            mode=mode,
            on=on,
            reason=request.POST.get("reason", ""),
            accept_cautions=bool(request.POST.get("accept_cautions")),
            now=now(),
        ),
        done=_("It is on for orders from now on.")
        if on
        else _("It is off for orders from now on; orders already placed keep their rules."),
        back=reverse("backoffice:modes"),
    )
