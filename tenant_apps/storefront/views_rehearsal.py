"""The way back for staff who looked at a rehearsal with a test person's eyes."""

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from saas.identity.models import User
from saas.kernel.errors import NotFound
from saas.tenants.malls.activation import active_mall
from tenant_apps.rehearsal import selectors


@require_POST
def back_to_staff(request: HttpRequest) -> HttpResponse:
    """Sign the member of staff in again whose session this was; only in a rehearsal, only from such a session."""
    acting = request.session.get(selectors.ACTING)
    if not acting or not selectors.is_rehearsal(active_mall()):
        raise NotFound
    staff = User.objects.filter(public_id=acting["staff"], is_staff=True, is_active=True).first()
    if staff is None:
        raise NotFound
    with transaction.atomic():
        login(request, staff, backend=settings.AUTHENTICATION_BACKENDS[0])
        request.session.pop(selectors.ACTING, None)
    return HttpResponseRedirect(reverse("backoffice:rehearsal"))
