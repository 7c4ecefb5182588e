"""The platform in the mall: its news, who of it may be inside, everything they did, and the owner's way to end it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from saas.identity import audit_words
from saas.identity import selectors as identity
from saas.identity.roles import Role
from saas.kernel.clock import real_now
from saas.kernel.errors import NotFound
from saas.tenants.malls import announcements, support_access
from saas.tenants.malls.models import Mall
from tenant_apps.backoffice import from_platform
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show


def platform(request: HttpRequest) -> HttpResponse:
    """News of the platform, read or not, and what its operators did here: for whoever may read the audit trail."""
    mall: Mall = request.tenant  # type: ignore[attr-defined]
    sees_acts = from_platform.sees_acts(request)
    page = page_of(request, identity.support_trail()) if sees_acts else None
    lines = []
    if page is not None:
        names = audit_words.names_of({row.actor for row in page})
        lines = [(row, names.get(row.actor, row.actor), audit_words.trail_words(row)) for row in page]
    return show(
        request,
        "platform",
        _("From the platform"),
        news=from_platform.news_for(request, mall),
        page=page,
        lines=lines,
        sees_acts=sees_acts,
    )


@require_POST
def announcement_read(request: HttpRequest, ulid: str) -> HttpResponse:
    """Show its banner no more to this person."""
    mall: Mall = request.tenant  # type: ignore[attr-defined]
    if ulid not in {one.ulid for one in from_platform.news_for(request, mall)}:
        raise NotFound
    reader = request.user.public_id  # type: ignore[union-attr]
    back = reverse("backoffice:platform")
    return act(
        request,
        lambda: announcements.mark_read(mall=mall, ulid=ulid, reader=reader, now=real_now()),
        done=_("You find it again under “From the platform”."),
        back=back if request.POST.get("open") else reverse("backoffice:index"),
    )


@require_POST
@needs(Role.OWNER)
def support_end(request: HttpRequest, grant: str) -> HttpResponse:
    """The owner ends an access: whoever is inside is signed out with the next request, control is told."""
    mall: Mall = request.tenant  # type: ignore[attr-defined]
    actor = actor_of(request)

    def end() -> None:
        support_access.end(mall, grant=grant, actor=actor, now=real_now())

    return act(request, end, done=_("Ended. Whoever is inside is signed out."), back=reverse("backoffice:platform"))
