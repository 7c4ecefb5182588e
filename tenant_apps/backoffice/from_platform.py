"""What the platform has to say to the staff of a mall: its news, and who of it may be inside now."""

from dataclasses import dataclass

from django.http import HttpRequest

from saas.identity.models import User
from saas.identity.roles import Role, has_role, roles_of
from saas.identity.services.support import SESSION_KEY
from saas.kernel.clock import real_now
from saas.tenants.malls import announcements, support_access
from saas.tenants.malls.announcements import News
from saas.tenants.malls.models import Mall
from saas.tenants.malls.support_access import OpenAccess


@dataclass(frozen=True)
class Told:
    """For the banners: open accesses, news not read yet, whether the person may end an access."""

    inside: tuple[OpenAccess, ...] = ()
    news: tuple[News, ...] = ()
    may_end: bool = False


def is_guest(request: HttpRequest) -> bool:
    """Whether the person is an operator of the platform, inside with the mall's leave."""
    return bool(request.session.get(SESSION_KEY))


def news_for(request: HttpRequest, mall: Mall) -> list[News]:
    """The news that the person may see, read or not."""
    if is_guest(request) or not isinstance(request.user, User):
        return []
    roles = roles_of(request.user)
    if not roles:
        return []
    owner = Role.OWNER in roles
    return announcements.shown_to(mall=mall, reader=request.user.public_id, owner=owner, now=real_now())


def sees_acts(request: HttpRequest) -> bool:
    """Whether the person may read what operators of the platform did here: owners and who reads the audit trail."""
    return has_role(request.user, Role.FINANCE, Role.AUDITOR)  # type: ignore[arg-type]


def banners(request: HttpRequest) -> Told:
    """What every page of the back office shows above itself."""
    mall = getattr(request, "tenant", None)
    if not isinstance(mall, Mall) or not isinstance(request.user, User):
        return Told()
    return Told(
        inside=() if is_guest(request) else tuple(support_access.open_now(mall, now=real_now())),
        news=tuple(one for one in news_for(request, mall) if not one.is_read),
        may_end=Role.OWNER in roles_of(request.user),
    )
