"""The people of a shop: the owner invites them, gives them roles, sends them away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.identity.phones import shown_phone
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.members.access import member_required
from tenant_apps.seller_portal.access import current, frame, owner_of_shop
from tenant_apps.seller_portal.labels import ROLE_TEXTS, ROLES
from tenant_apps.sellers import people, services
from tenant_apps.sellers.staffing import GRANTABLE


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest, ulid: str) -> HttpResponse:
    """Who works here with which roles; invite, change, remove."""
    row = owner_of_shop(request, ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            done = _step(request, ulid)
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
            row = owner_of_shop(request, ulid)
        else:
            messages.success(request, done)
            return redirect("portal:staff", ulid)
    context = {
        **frame(request, row, _("People and roles")),
        "people": [
            {
                "entry": entry,
                "contact": shown_phone(member.user.phone or "") if member else shown_phone(entry.get("phone", "")),
                "joined": member is not None,
            }
            for entry, member in people.staff_of(row)
        ],
        "choices": [(role.value, ROLES[role], ROLE_TEXTS[role]) for role in GRANTABLE],
        "words": {role.value: word for role, word in ROLES.items()},
        "typed": request.POST if error else {},
        "ticked": request.POST.getlist("roles") if error else [],
        "error": error,
    }
    return render(request, "seller_portal/staff.html", context, status=error.http_status if error else 200)


def _step(request: HttpRequest, ulid: str) -> str:
    post, member = request.POST, current(request)
    step, entry = post.get("step", ""), post.get("entry", "")
    if step == "invite":
        services.invite_staff(
            seller_ulid=ulid,
            phone=post.get("phone", ""),
            name=post.get("name", ""),
            roles=post.getlist("roles"),
            member=member,
            now=now(),
        )
        return _("Invited. The person is told by SMS and accepts under “My shop”.")
    if step == "roles":
        services.set_staff_roles(seller_ulid=ulid, entry=entry, roles=post.getlist("roles"), member=member, now=now())
        return _("Saved. It holds from the next page this person opens.")
    if step == "remove":
        services.remove_staff(seller_ulid=ulid, entry=entry, member=member, now=now())
        return _("Removed. This person's next page of the shop is refused.")
    raise NotFound
