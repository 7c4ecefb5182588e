"""What care does when others speak. Wired in saas.config.wiring."""

from saas.messaging.bus.services import Event
from tenant_apps.care.models import Review, Shelf


def on_member_closed(event: Event) -> None:
    """A closed account keeps nothing, and its reviews bear no name."""
    who = str(event.payload["member"])
    Shelf.objects.filter(member__ulid=who).delete()
    Review.objects.filter(member__ulid=who).update(is_anonymous=True)
