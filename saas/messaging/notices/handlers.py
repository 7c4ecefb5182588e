"""What the bus brings: a notice is due for an attempt."""

from django.db import transaction

from saas.kernel import clock
from saas.messaging.bus.services import Event
from saas.messaging.notices import services


def on_notice_queued(event: Event) -> None:
    """Claim the attempt here, talk to the provider once the claim has committed."""
    message = services.begin_attempt(event.payload["notice"], now=clock.real_now())
    if message is not None:
        transaction.on_commit(lambda: services.finish_attempt(message, now=clock.real_now()), robust=True)
