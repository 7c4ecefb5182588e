"""Who did what, when and why."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from saas.identity import audit_words
from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from tenant_apps.backoffice.pages import needs, page_of, show
from tenant_apps.members import selectors as members


@needs(Role.OWNER, Role.FINANCE, Role.AUDITOR)
def audit(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, by action and target."""
    rows = AuditRecord.objects.order_by("-pk")
    query = request.GET.get("q", "").strip()
    if query:
        nouns, verbs = audit_words.codes_like(query)
        wanted = Q(action__icontains=query) | Q(target__icontains=query)
        for noun in nouns:
            wanted |= Q(action__startswith=f"{noun}.")
        for verb in verbs:
            wanted |= Q(action__endswith=f".{verb}")
        rows = rows.filter(wanted)
    page = page_of(request, rows)
    names = audit_words.names_of({row.actor for row in page} | {row.target for row in page})
    names |= _members({row.actor for row in page} | {row.target for row in page})
    lines = [
        (
            row,
            names.get(row.actor, row.actor),
            audit_words.action_words(row.action),
            audit_words.target_words(row.target, names),
        )
        for row in page
    ]
    return show(request, "audit", _("Audit trail"), page=page, lines=lines, query=query)


def _members(actors: set[str]) -> dict[str, str]:
    """The members among the actors, by name."""
    ulids = [one.removeprefix("member:") for one in actors if one.startswith("member:")]
    return {f"member:{ulid}": name for ulid, name in members.names_by_ulid(ulids, masked=True).items()} if ulids else {}
