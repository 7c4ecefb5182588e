"""The compliance role's page: teams to look at, modes with what they need, the legal rules and how each is kept."""

import datetime as dt

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity import audit
from saas.identity.roles import Role
from saas.kernel.clock import china_date, now
from saas.kernel.errors import InvalidInput
from tenant_apps.backoffice import dossier, people
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.members import selectors as members
from tenant_apps.modes import compliance, operators, selectors
from tenant_apps.modes.contract import Sentence
from tenant_apps.modes.legal_table import MANY_LEVELS, MANY_PEOPLE, RULES
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.sentences import render
from tenant_apps.orders.spreadsheets import workbook
from tenant_apps.sellers.rules import start_of

DOSSIER_DAYS = 90
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


@needs(*READERS)
@require_safe
def dossier_file(request: HttpRequest) -> HttpResponse:
    """The file for counsel or a regulator, of the days asked for (by default the last 90); that it was taken is recorded."""
    instant = now()
    today = china_date(instant)
    try:
        first = parse_date(request.GET.get("first", "")) or today - dt.timedelta(days=DOSSIER_DAYS - 1)
        last = parse_date(request.GET.get("last", "")) or today
    except ValueError:
        raise InvalidInput(_("This is no day."), field="first") from None
    if first > last:
        raise InvalidInput(_("The first day comes after the last."), field="first")
    with transaction.atomic():
        audit.record(
            actor_of(request), "compliance.dossier", target=f"days:{first}:{last}", first=str(first), last=str(last)
        )
    made = dossier.sheets(first=start_of(first), after=start_of(last + dt.timedelta(days=1)), now=instant)
    return workbook(name=f"dossier-{first}-{last}", sheets=made)


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
