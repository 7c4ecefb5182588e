"""The readiness list, the preview link, and the button that opens the mall."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.tenants.malls import limits
from saas.tenants.malls.activation import active_mall
from tenant_apps.backoffice import launch
from tenant_apps.backoffice.labels import mode_title
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.design import selectors as design
from tenant_apps.modes import services as modes
from tenant_apps.rehearsal import selectors, services


@needs(Role.OWNER)
@require_safe
def opening(request: HttpRequest) -> HttpResponse:
    """What is done and what is missing."""
    steps = launch.steps(now=now())
    preview = request.build_absolute_uri(f"/?preview={design.preview_token(active_mall())}")
    asked = limits.open_items(active_mall())
    ready = all(step.done for step in steps) and not any(one.blocks for one in asked)
    running, flagged = selectors.under_way(active_mall()), modes.unconfirmed(now=now())
    answer = show(
        request,
        "launch",
        _("Opening the mall"),
        steps=steps,
        ready=ready,
        asked=asked,
        preview=preview,
        running=running,
        opened=selectors.opening_job(active_mall()),
        flagged=[(mode_title(row.mode), row) for row in flagged],
    )
    if running is not None:
        answer["Refresh"] = "3"
    return answer


@needs(Role.OWNER)
@require_POST
def confirm(request: HttpRequest, ulid: str) -> HttpResponse:
    """Ask a second person for rules that one published in the rehearsal."""
    return act(
        request,
        lambda: modes.ask_confirmation(
            ulid=ulid, reason=request.POST.get("reason", ""), actor=actor_of(request), now=now()
        ),
        done=_("Prepared. It happens as soon as a second person has approved it."),
        back=reverse("backoffice:launch"),
    )


@needs(Role.OWNER)
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Open the mall."""
    return act(
        request,
        lambda: services.ask_opening(mall=active_mall(), actor=actor_of(request), now=now()),
        done=_("The mall is being opened: test data is wiped and the books are proved empty. This takes a moment."),
        back=reverse("backoffice:launch"),
    )
