"""What control does when a cell tells that a mall has opened."""

import pytest

from saas.messaging.bus.services import Event
from saas.tenants.vendors import handlers
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState


@pytest.mark.parametrize("times", [1, 2])
def test_place_becomes_live(sign_up, now, times):
    place = sign_up().place
    for state in (PlaceState.PROVISIONING, PlaceState.REHEARSAL):
        vendors.change_place_state(mall=place.mall, wanted=state, actor="provisioning", now=now)
    for _ in range(times):
        handlers.on_mall_published(
            Event("01E", "mall.published", place.mall, 1, {"mall": place.mall, "at": now.isoformat()}, now)
        )
    place.refresh_from_db()
    assert place.state == PlaceState.LIVE
