"""A mall made with a business model chosen at signup: the whole pipeline, its settings in force, a first sale by them."""

import pytest
from django.db import connection, transaction

from provisioning.executor import engine, services
from provisioning.executor.models import Execution
from saas.kernel.clock import now
from saas.ledger import selectors as book
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from tenant_apps.modes import presets, selectors
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.rules import wallet_of
from tests.factories import catalog
from tests.factories import orders as sold
from tests.factories.people import make_member
from tests.provisioning.executor.conftest import make_order

ALL = ["distribution", "differential", "regional", "store_income", "partner_membership"]


@pytest.fixture
def cell(committed, web):
    connection.set_schema_to_public()


def made(preset, modes):
    order = make_order(preset=preset, entitlements={"products_max": 200, "modes": modes})
    for _time in range(2):
        services.accept_order(order=order, now=now())
        engine.execute(order["run"])
    assert Execution.objects.get(run=order["run"]).state == "succeeded"
    return malls.mall_by_ulid(order["mall"])


def test_the_mall_sells_by_the_model_from_its_first_order_on(cell):
    mall = made("brand_promoters", ALL)
    with in_mall(mall), transaction.atomic():
        found = selectors.current_settings(mode="distribution", now=now())
        assert found.values.rate_ppm == (80_000, 30_000)
        assert list(SettingsVersion.objects.order_by("pk").values_list("mode", "zone", "author", "reason")) == [
            ("settlement", "", "provisioning", "opening of the mall"),
            ("distribution", "", "provisioning", "chosen at signup: brand_promoters"),
        ]
        top = make_member(promoter=True)
        promoter = make_member(referrer=top, promoter=True)
        buyer = make_member(referrer=promoter)
        order = sold.paid(buyer, (catalog.single(price=10_000, supply=5_000), 1))
        settlement.release_order(order=facts.paid_order(order.ulid), now=now())
        money = [book.balance(wallet_of(one.ulid)) for one in (promoter, top)]
        assert (money, book.balance("house"), book.balance("own_goods")) == ([800, 300], 3_900, 5_000)
    _a_zone_has_its_own_settings_and_the_plan_limits_the_modes()


def _a_zone_has_its_own_settings_and_the_plan_limits_the_modes():
    """In the same test: each database with real commits is made anew afterwards, which takes longer than the malls."""
    with in_mall(made("points_mall", ALL)):
        on = {
            key: one.values.enabled for key, one in selectors.settings_in_force(now=now()).items() if key[:4] == "dist"
        }
        assert on == {"distribution": True, "distribution@member": False}
    with in_mall(made("community_stores", ["distribution"])):
        assert set(presets.BY_KEY["community_stores"].settings) > {"distribution"}
        modes = set(SettingsVersion.objects.values_list("mode", flat=True))
        assert modes == {"settlement", "distribution"}
