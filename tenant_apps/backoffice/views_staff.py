"""Who works here: roles, invitations."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from saas.identity import services as identity
from saas.identity.models import Invitation, User
from saas.identity.phones import NotAPhone, normalise_phone
from saas.identity.roles import LABELS, Role, roles_of
from saas.kernel.clock import real_now as now  # invitations are good for hours of the world
from saas.kernel.errors import DomainError
from tenant_apps.backoffice import usage
from tenant_apps.backoffice.pages import act, actor_of, needs, show

_DUTIES = {
    Role.OWNER: gettext_lazy("Everything, including staff, brand and opening the mall"),
    Role.FINANCE: gettext_lazy("Money rules, withdrawals, books, payment account"),
    Role.GOODS: gettext_lazy("Products, pictures, stock, categories"),
    Role.ORDERS: gettext_lazy("Orders, shipping, refunds, members"),
    Role.AUDITOR: gettext_lazy("Reads awards, books and the audit trail; names masked; changes nothing"),
    Role.COMPLIANCE: gettext_lazy("Looks at large teams and at the legal rules; notes what was found"),
}


class InvitationForm(forms.Form):
    """Whom to invite, and what for."""

    contact = forms.CharField(label=gettext_lazy("Mobile number or e-mail address"), max_length=120)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=[(role.value, LABELS[role]) for role in Role],
        widget=forms.CheckboxSelectMultiple,
    )


@needs(Role.OWNER)
@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """Staff with their roles, open invitations, and the form for a new one."""
    form = InvitationForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _invite(request, form.cleaned_data["contact"].strip(), form.cleaned_data["roles"])
        except (DomainError, NotAPhone) as error:
            text = error.text if isinstance(error, DomainError) else _("This is not a mobile number.")
            form.add_error("contact", text)
        else:
            messages.success(request, _("The invitation is on its way. The link works once, for 72 hours."))
            return redirect("backoffice:staff")
    if request.method == "POST":
        status = 422
    people = User.objects.filter(is_staff=True, is_active=True).order_by("pk").prefetch_related("groups")
    return show(
        request,
        "staff",
        _("Staff"),
        status=status,
        form=form,
        people=[(person, {role.value for role in roles_of(person)}) for person in people],
        roles=[(role.value, LABELS[role], _DUTIES[role]) for role in Role],
        invitations=Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now()).order_by("-pk"),
    )


def _invite(request: HttpRequest, contact: str, roles: list[str]) -> None:
    mail = "@" in contact
    link = request.build_absolute_uri(reverse("identity_invitation", args=["TOKEN"])).replace("TOKEN", "{token}")
    with transaction.atomic():
        usage.check_staff(now=now())
        identity.invite_staff(
            actor=actor_of(request),
            phone="" if mail else normalise_phone(contact),
            email=contact if mail else "",
            roles=[Role(role) for role in roles],
            link=link,
            mall_name=str(getattr(request.tenant, "name", settings.PLATFORM_DOMAIN)),  # type: ignore[attr-defined]
            now=now(),
        )


@needs(Role.OWNER)
@require_POST
def change_roles(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give a staff member exactly the ticked roles."""
    person = get_object_or_404(User, public_id=public_id, is_staff=True)
    wanted = [Role(role) for role in request.POST.getlist("roles") if role in list(Role)]
    return act(
        request,
        lambda: identity.set_staff_roles(actor=actor_of(request), user=person, roles=wanted, now=now()),
        done=_("The roles have been changed.") if wanted else _("This person can no longer enter the console."),
        back=reverse("backoffice:staff"),
    )


@needs(Role.OWNER)
@require_POST
def revoke_invitation(request: HttpRequest, ulid: str) -> HttpResponse:
    """Take an open invitation back."""
    return act(
        request,
        lambda: identity.revoke_invitation(actor=actor_of(request), ulid=ulid, now=now()),
        done=_("The invitation has been taken back."),
        back=reverse("backoffice:staff"),
    )
