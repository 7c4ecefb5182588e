"""Wires the bus once Django is ready."""

from django.apps import AppConfig
from django.conf import settings


class ConfigConfig(AppConfig):
    name = "saas.config"
    label = "config"

    def ready(self) -> None:
        from saas.config import delivery, wiring
        from saas.messaging.bus import services as bus

        if settings.ROLE == "cell":
            from saas.kernel import clock
            from saas.tenants.malls import activation

            clock.follow(activation.clock_ahead)
        bus.wire(wiring.CELL if settings.ROLE == "cell" else wiring.CONTROL, delivery.kick, wiring.ON_WORLD_TIME)
