"""The readiness list, the preview link, and the button that opens the mall."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.tenants.malls.activation import active_mall
from tenant_apps.backoffice import launch
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.design import selectors as design
from tenant_apps.design import services as design_services


@needs(Role.OWNER)
@require_safe
def opening(request: HttpRequest) -> HttpResponse:
    """What is done and what is missing."""
    steps = launch.steps(now=now())
    preview = request.build_absolute_uri(f"/?preview={design.preview_token(active_mall())}")
    ready = all(step.done for step in steps)
    return show(request, "launch", _("Opening the mall"), steps=steps, ready=ready, preview=preview)


@needs(Role.OWNER)
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Open the mall."""
    return act(
        request,
        lambda: design_services.publish_mall(mall=active_mall(), actor=actor_of(request), now=now()),
        done=_("The mall is open. From now on orders are paid with real money."),
        back=reverse("backoffice:launch"),
    )
