"""Staff look at the rehearsal with a test person's eyes."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.models import User
from saas.kernel.errors import DomainError, NotFound
from saas.tenants.malls import services as malls
from saas.tenants.malls.models import Mall
from tenant_apps.members.models import Member
from tenant_apps.rehearsal.rules import is_test_phone


class NotATestPerson(DomainError):
    """Nobody enters as a real person."""

    code = "not_a_test_person"
    http_status = 403
    message = _("Only test people of a rehearsal can be entered as.")


def enter_as(*, mall: Mall, member_ulid: str, actor: str) -> User:
    """The user to be signed in as; recorded. Raises ClockIsReal (a mall that has opened), NotFound, NotATestPerson."""
    malls.require_rehearsal(mall)
    member = Member.objects.select_related("user").filter(ulid=member_ulid, closed_at=None).first()
    if member is None:
        raise NotFound
    user = member.user
    if user is None or user.is_staff or not is_test_phone(user.phone):
        raise NotATestPerson
    with transaction.atomic():
        audit.record(actor, "rehearsal.entered_as", target=f"member:{member.ulid}")
    return user
