"""A live mall of a vendor whose plan has own domains, with the resolver of the tests."""

import pytest

from provisioning.domains.models import OwnDomain
from provisioning.domains.services import progress, requests
from saas.tenants.vendors.models import Place

HERE = "8.8.4.4"  # an address of the open internet; nobody connects to it


@pytest.fixture
def place(sign_up, name_server, settings):
    settings.DOMAIN_EDGES = {"*": {"addresses": [HERE]}}
    run = sign_up()
    Place.objects.filter(pk=run.place.pk).update(state="live")
    name_server.put("greenbasket.localhost", "A", HERE)
    return Place.objects.select_related("vendor", "cell").get(pk=run.place.pk)


@pytest.fixture
def ask(place, now):
    """Asks for a domain as its vendor."""

    def run(name="shop.lvye-market.com", **changes):
        values = {"vendor": place.vendor, "mall": place.mall, "name": name, "actor": "user:1", "now": now, **changes}
        return requests.request_domain(**values)

    return run


@pytest.fixture
def look(now):
    """Looks at a domain, `at` an instant; the row afterwards."""

    def run(domain, at=None):
        progress.advance(ulid=domain.ulid, now=at or now)
        return OwnDomain.objects.select_related("place", "place__cell").get(pk=domain.pk)

    return run


@pytest.fixture
def prove(name_server):
    """Puts the TXT record of the proof."""

    def run(domain):
        name_server.put(f"_mall-verify.{domain.host}", "TXT", f'"mall-verify={domain.token}"')

    return run


@pytest.fixture
def active(ask, look, prove, name_server):
    """A domain brought to work."""

    def run(name="shop.lvye-market.com", **changes):
        domain = ask(name, **changes)
        prove(domain)
        name_server.put(domain.host, "CNAME", f"{domain.place.subdomain}.localhost")
        for _ in range(3):
            domain = look(domain)
        assert domain.state == "active", (domain.state, domain.finding, domain.finding_detail)
        return domain

    return run


@pytest.fixture
def stranger_place(place, sign_up, name_server):
    """The mall of another vendor."""
    from saas.identity.models import User

    owner = User.objects.create_user(phone="+8613900139000", phone_verified=True, name="Wang Min")
    run = sign_up(owner=owner, company="Peony", subdomain="peony", key="peony")
    Place.objects.filter(pk=run.place.pk).update(state="live")
    name_server.put("peony.localhost", "A", HERE)
    return Place.objects.select_related("vendor", "cell").get(pk=run.place.pk)
