"""Who did what, when and why."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from saas.identity.models import AuditRecord, User
from saas.identity.roles import Role
from tenant_apps.backoffice.pages import needs, page_of, show


@needs(Role.OWNER, Role.FINANCE, Role.AUDITOR)
def audit(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, by action and target."""
    rows = AuditRecord.objects.order_by("-pk")
    query = request.GET.get("q", "").strip()
    if query:
        rows = rows.filter(action__icontains=query) | rows.filter(target__icontains=query)
    page = page_of(request, rows)
    ids = [row.actor.removeprefix("user:") for row in page if row.actor.startswith("user:")]
    names = {f"user:{user.public_id}": str(user) for user in User.objects.filter(public_id__in=ids)}
    lines = [(row, names.get(row.actor, row.actor)) for row in page]
    return show(request, "audit", _("Audit trail"), page=page, lines=lines, query=query)
