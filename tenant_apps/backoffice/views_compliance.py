"""The compliance role's page: teams to look at, modes with what they need, the legal rules and how each is kept."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from tenant_apps.backoffice import people
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.members import selectors as members
from tenant_apps.modes import compliance, operators, selectors
from tenant_apps.modes.contract import Sentence
from tenant_apps.modes.legal_table import MANY_LEVELS, MANY_PEOPLE, RULES
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.sentences import render

READERS = (Role.COMPLIANCE, Role.AUDITOR)


@needs(*READERS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Alarms, modes, rules."""
    page = page_of(request, compliance.alarms())
    names = members.names_by_ulid((one.member_ulid for one in page), masked=False)
    staff = people.names([one.noted_by for one in page])
    return show(
        request,
        "compliance",
        _("Compliance"),
        page=page,
        alarms=[
            (one, names.get(one.member_ulid, one.member_ulid), staff.get(one.noted_by, one.noted_by)) for one in page
        ],
        modes=[
            (
                render(Sentence(MODES[key].label)),
                state,
                [operators.subject_text("approval", one) for one in state.missing],
            )
            for key, state in selectors.mode_states(now=now()).items()
        ],
        rules=[(one, render(Sentence(one.title)), render(Sentence(one.how))) for one in RULES],
        many_people=MANY_PEOPLE,
        many_levels=MANY_LEVELS,
    )


@needs(Role.COMPLIANCE)
@require_POST
def note(request: HttpRequest, ulid: str) -> HttpResponse:
    """What was found about a team."""
    return act(
        request,
        lambda: compliance.note_alarm(
            member_ulid=ulid, note=request.POST.get("note", ""), actor=actor_of(request), now=now()
        ),
        done=_("Saved."),
        back=reverse("backoffice:compliance"),
    )
