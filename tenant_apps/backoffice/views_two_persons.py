"""What waits for a second person: the list, one with what it would change, and the decision."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity import selectors, services
from saas.identity.models import PreparedAction, User
from saas.identity.roles import Role
from saas.identity.rules import PreparedState, state_now
from saas.kernel.clock import now
from tenant_apps.backoffice import people, two_persons
from tenant_apps.backoffice.labels import PREPARED_STATES
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show

READERS = (Role.OWNER, Role.FINANCE, Role.COMPLIANCE, Role.AUDITOR)


@needs(*READERS)
@require_safe
def prepared_list(request: HttpRequest) -> HttpResponse:
    """What is prepared and what became of it, newest first."""
    state = request.GET.get("state", PreparedState.OPEN.value)
    rows = selectors.prepared_actions(state=state if state in PREPARED_STATES else "")
    page = page_of(request, rows)
    names = people.names(actor for row in page for actor in (row.prepared_by, row.decided_by))
    instant = now()
    return show(
        request,
        "prepared_list",
        _("Two persons"),
        page=page,
        rows=[
            {
                "row": row,
                "label": _label(row),
                "state": state_now(row.state, row.expires_at, instant).value,
                "by": names.get(row.prepared_by, row.prepared_by),
                "decided": names.get(row.decided_by, row.decided_by),
            }
            for row in page
        ],
        tabs=[*((key, text) for key, (text, _tone) in PREPARED_STATES.items()), ("all", _("All"))],
        state=state,
    )


@needs(*READERS)
@require_safe
def prepared(request: HttpRequest, ulid: str) -> HttpResponse:
    """One of them, with everything the second person has to see."""
    row = selectors.prepared_action(ulid)
    kind = two_persons.KINDS.get(row.kind)
    names = people.names([row.prepared_by, row.decided_by])
    state = state_now(row.state, row.expires_at, now())
    own = row.prepared_by == actor_of(request)
    assert isinstance(request.user, User)
    return show(
        request,
        "prepared",
        _label(row),
        row=row,
        state=state.value,
        told=kind.told(row.payload) if kind else [],
        link=kind.page(row.payload) if kind else "",
        by=names.get(row.prepared_by, row.prepared_by),
        decided=names.get(row.decided_by, row.decided_by),
        own=own,
        decides=state is PreparedState.OPEN and not own and two_persons.may_decide(request.user, row),
    )


@needs(*READERS)
@require_POST
def prepared_decide(request: HttpRequest, ulid: str) -> HttpResponse:
    """Approve (carried out at once), refuse with a reason, or take back what one prepared oneself."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    assert isinstance(request.user, User)
    user = request.user
    row = selectors.prepared_action(ulid)
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "approve": (lambda: two_persons.approve(ulid=ulid, user=user, now=now()), _("Approved and carried out.")),
        "refuse": (
            lambda: services.refuse_action(ulid=ulid, reason=reason, actor=actor, now=now()),
            _("Refused. Nothing has changed."),
        ),
        "withdraw": (
            lambda: services.withdraw_action(ulid=ulid, actor=actor, now=now()),
            _("Withdrawn. Nothing has changed."),
        ),
    }
    step = request.POST.get("step", "")
    if step not in steps:
        raise Http404
    if step != "withdraw" and not two_persons.may_decide(user, row):
        raise PermissionDenied
    call, done = steps[step]
    return act(request, call, done=done, back=reverse("backoffice:prepared", args=[ulid]))


def _label(row: PreparedAction) -> str:
    kind = two_persons.KINDS.get(row.kind)
    return str(kind.label) if kind else row.kind
