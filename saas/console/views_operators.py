"""Who works for the platform, with which roles, and what each role may do."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from saas.console import rights
from saas.identity import operators as people
from saas.identity.models import User
from saas.identity.operators import OperatorRole
from saas.kernel.clock import now
from saas.kernel.errors import DomainError

Context = dict[str, Any]


def operators(request: HttpRequest, frame: Context) -> HttpResponse:
    """Everybody with their roles, and the matrix; with POST somebody new."""
    error = None
    if request.method == "POST":
        try:
            people.add_operator(
                email=request.POST.get("email", ""),
                name=request.POST.get("name", ""),
                roles=_wanted(request),
                actor=f"user:{request.user.public_id}",  # type: ignore[union-attr]
                now=now(),
            )
            messages.success(request, _("Added. This person signs in with a code sent to the address."))
            return redirect("console:operators")
        except DomainError as refused:
            error = refused
    columns = [(role, people.LABELS[role]) for role in OperatorRole]
    context = {
        **frame,
        "title": _("Operators"),
        "people": people.operators(),
        "roles": [(role.value, people.LABELS[role], people.DUTIES[role]) for role in OperatorRole],
        "columns": [label for _role, label in columns],
        "matrix": [(area.label, [_mark(area, role) for role, _label in columns]) for area in rights.AREAS.values()],
        "error": error,
        "given": request.POST,
    }
    return render(request, "console/operators.html", context, status=error.http_status if error else 200)


def _mark(area: rights.Area, role: OperatorRole) -> str:
    if role is OperatorRole.OWNER or role in area.act:
        return "act"
    return "look" if role in area.look else ""


@require_POST
def operator_roles(request: HttpRequest, frame: Context, public_id: str) -> HttpResponse:
    """Give an operator exactly the ticked roles."""
    person = get_object_or_404(User, public_id=public_id, is_staff=True)
    actor = f"user:{request.user.public_id}"  # type: ignore[union-attr]
    try:
        people.set_operator_roles(user=person, roles=_wanted(request), actor=actor, now=now())
        messages.success(request, _("The roles have been changed."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("console:operators")


def _wanted(request: HttpRequest) -> list[OperatorRole]:
    return [OperatorRole(role) for role in request.POST.getlist("roles") if role in list(OperatorRole)]
