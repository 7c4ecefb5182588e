"""A mall is deleted for good: its own domains are free at once, for the vendor's next mall too; its address is kept back."""

import datetime as dt

from provisioning.domains.models import OwnDomain
from provisioning.domains.rules.states import DomainState
from provisioning.domains.services import requests
from provisioning.lifecycle.models import Deletion
from provisioning.lifecycle.services import deletions
from saas.identity.models import AuditRecord
from saas.kernel.ids import new_ulid
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors.models import HostClaim, Place
from saas.tenants.vendors.rules import PlaceState

RUN = "01JDELETEDMALLDELETEDMALL1"


def test_the_vendor_uses_the_domain_again_in_another_mall(place, active, ask, look, now, sign_up):
    shop, waiting = active(), ask("club.lvye-market.com")
    Deletion.objects.create(
        ulid=new_ulid(), mall=place.mall, state="running", reason="we begin anew", asked_by="user:1", asked_at=now,
        by_vendor=True, confirmed_by="user:2", confirmed_at=now, due_at=now, run=RUN,
    )  # fmt: skip
    deletions.note_run_ended(run=RUN, state="failed", now=now)
    assert OwnDomain.objects.get(pk=shop.pk).state == DomainState.ACTIVE  # nothing is given up before the mall is gone
    for _ in range(2):  # an event comes twice
        deletions.note_run_ended(run=RUN, state="succeeded", now=now)
    place.refresh_from_db()
    done = Deletion.objects.get()
    assert (place.state, done.state) == (PlaceState.REMOVED, "done")
    assert done.kept["forgotten"]["domains"] == [shop.host, waiting.host]
    states = list(OwnDomain.objects.order_by("pk").values_list("state", flat=True))
    assert states == [
        DomainState.REMOVING,
        DomainState.REMOVED,
    ]  # the first one's certificate is still to be taken away
    assert list(HostClaim.objects.filter(place=place).values_list("host", flat=True)) == ["greenbasket.localhost"]
    told = OutboxEvent.objects.filter(topic="mall.hosts_changed", mall=place.mall).latest("pk")
    assert (told.payload["value"]["hosts"], told.payload["value"]["certified"]) == ([], [])
    rows = AuditRecord.objects.filter(action="domain.removed")
    assert sorted(row.data["host"] for row in rows) == sorted([shop.host, waiting.host])

    run = sign_up(subdomain="second", mall_name="Second", key="signup-2")
    assert run.place.vendor == place.vendor
    Place.objects.filter(pk=run.place.pk).update(state="live")
    other = requests.request_domain(
        vendor=place.vendor, mall=run.place.mall, name=shop.host, actor="user:1", now=now + dt.timedelta(minutes=2)
    )
    assert (other.state, other.place) == (DomainState.REQUESTED, run.place)
    assert look(shop).state == DomainState.REMOVED
