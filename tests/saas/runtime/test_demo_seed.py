"""The demo's malls: goods, members and orders by the real services, the same each time, and not twice."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from saas.kernel.clock import now
from saas.ledger import selectors as book
from saas.runtime import demo_seed, demo_sellers
from saas.runtime.demo_goods import catalog as goods
from saas.runtime.demo_goods import people
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.models import Product, ProductCard, ProductImage
from tenant_apps.counter.models import CardTerms
from tenant_apps.members.models import Member
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import PaymentRefund
from tenant_apps.payments.rules import RefundState
from tenant_apps.promotions.models import Coupon
from tenant_apps.sellers.models import Seller

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def channel(tmp_path, settings):
    command = [
        sys.executable,
        "-m",
        "tenant_apps.payments.sandbox",
        "--port",
        "0",
        "--home",
        str(tmp_path / "s"),
        "--speed",
        "50",
    ]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin", "LOG_LEVEL": "WARNING"}
    )
    settings.SANDBOX_ORIGIN = process.stdout.readline().split()[-1]
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.MALL_PORT = "1"
    yield
    process.terminate()
    process.wait(10)


@pytest.mark.parametrize("kind", ["grocery", "beauty"])
def test_every_table_has_sixty_believable_products(kind):
    items = goods.parse(kind)
    assert len(items) >= 60
    assert len({item.draft.title for item in items}) == len(items)
    assert items == goods.parse(kind)
    for item in items:
        for sku in item.draft.skus:
            assert sku.price_amount * 4 // 10 <= sku.supply_amount < sku.price_amount * 7 // 10


@pytest.mark.parametrize("kind", ["grocery", "beauty"])
def test_the_tree_has_three_levels_and_every_state_occurs(kind):
    cast = {person.name: person for person in people.cast(kind)}
    assert len(cast) >= 20

    def depth(name):
        return 1 + depth(cast[name].referrer) if cast[name].referrer else 0

    assert max(map(depth, cast)) >= 3
    assert {story.state for story in people.stories(kind)} >= set(OrderState) - {OrderState.REFUNDED}


def test_seed_fills_a_mall_once_and_its_books_close(committed, channel, drain):
    from django_tenants.utils import schema_context

    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.models import Mall
    from saas.tenants.malls.rules import MallState

    with schema_context("public"):
        Mall.objects.filter(schema_name="t_test_grocery").update(state=MallState.REHEARSAL, live_at=None)
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall):
        answer = demo_seed.seed(kind="grocery", password="demo-password-1", now=now(), tell=list, most=12)
        assert len(answer["logins"]) == 3
        for _ in range(20):
            drain()
            for ulid in PaymentRefund.objects.filter(state=RefundState.PROCESSING).values_list("ulid", flat=True):
                payments.send_refund(refund_ulid=ulid, now=now())  # no web server hears the notice: ask
            if Order.objects.filter(state=OrderState.REFUNDED).count() == 2:
                break
            time.sleep(0.3)
        drain()
        assert ProductCard.objects.filter(is_visible=True).exclude(image_key="").count() == 12
        assert catalog.list_cards(query="苹果").cards
        assert set(Order.objects.values_list("state", flat=True)) >= {
            "paid",
            "pending_payment",
            "cancelled",
            "refunded",
        }
        assert sum(row.posted for row in book.trial_balance()) == 0
        assert book.uncleared() == []
        counts = [model.objects.count() for model in (Product, ProductImage, Member, Order)]
        demo_seed.seed(kind="grocery", password="demo-password-1", now=now(), tell=list, most=12)
        assert counts == [model.objects.count() for model in (Product, ProductImage, Member, Order)]
        for _ in range(2):
            told = demo_sellers.seed(kind="grocery", password="demo-password-1", now=now(), tell=list)
            assert [one["login"] for one in told["logins"]] == ["13900000131", "13900000132"]
            assert list(Seller.objects.order_by("pk").values_list("kind", "state")) == [
                ("merchant", "active"),
                ("store", "active"),
            ]
            assert sorted(Coupon.objects.values_list("kind", flat=True)) == ["amount", "steps"]
            shown = ProductCard.objects.filter(is_visible=True).exclude(product__seller_ulid="").exclude(image_key="")
            assert (shown.count(), CardTerms.objects.filter(kind="visit_card", visits=3).count()) == (5, 1)
