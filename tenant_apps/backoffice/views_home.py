"""What needs doing today."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from saas.identity.roles import Role, roles_of
from saas.kernel.clock import now
from tenant_apps.backoffice import todo
from tenant_apps.backoffice.pages import show


def index(request: HttpRequest) -> HttpResponse:
    """Home: figures of today and what waits, by the roles the person holds."""
    roles = roles_of(request.user)  # type: ignore[arg-type]
    return show(
        request,
        "home",
        _("Home"),
        tiles=todo.tiles(roles, now=now()),
        readiness=todo.readiness(request) if Role.OWNER in roles else [],
        days=todo.sales_by_day(now=now()) if roles & {Role.OWNER, Role.FINANCE, Role.ORDERS} else [],
    )
