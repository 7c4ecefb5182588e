"""Names for the actors that rows carry: `user:<public id>`, `member:<ulid>`, a part of the system."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from saas.identity.models import User
from tenant_apps.members.models import Member

_SYSTEM = {"system": gettext_noop("the system"), "provisioning": gettext_noop("the platform")}


def names(actors: Iterable[str]) -> dict[str, str]:
    """Actor → name as staff see it; unknown actors are absent. At most two statements."""
    wanted = set(actors)
    users = [actor.removeprefix("user:") for actor in wanted if actor.startswith("user:")]
    members = [actor.removeprefix("member:") for actor in wanted if actor.startswith("member:")]
    found = {actor: _(_SYSTEM[actor]) for actor in wanted & _SYSTEM.keys()}
    if users:
        found |= {f"user:{user.public_id}": str(user) for user in User.objects.filter(public_id__in=users)}
    if members:
        found |= {f"member:{member.ulid}": str(member) for member in Member.objects.filter(ulid__in=members)}
    return found
