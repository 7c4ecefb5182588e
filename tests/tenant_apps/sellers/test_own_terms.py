"""What a shop adds of its own: inside the mall's bounds, paid by a higher take, to the fen through sale and refund."""

import datetime as dt

import pytest
from django.conf import settings

from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput
from saas.ledger import selectors as book
from tenant_apps.modes import own_terms, preview
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.coins.mode import coins_of
from tenant_apps.modes.coins.settings import CoinsSettings
from tenant_apps.modes.contract import LineFacts, SellerFacts, SellerKind
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.orders.models import OrderLine
from tenant_apps.sellers import services
from tenant_apps.sellers.models import StatementLine
from tenant_apps.sellers.own_terms import Bounds, OwnTerms
from tenant_apps.settlement.models import Award
from tests.factories import sales
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member
from tests.tenant_apps.sellers.test_seller_money import NOW, finished, payable, refunded

LATER = NOW + dt.timedelta(hours=1)


def facts(**more):
    return SellerFacts(**{"kind": SellerKind.COMMISSION, "rate_ppm": 50_000, "id": "01S", **more})


def test_bounds_hold_for_what_a_seller_wishes():
    distribution = DistributionSettings(seller_least_ppm=10_000, seller_most_ppm=50_000)
    coins = CoinsSettings(seller_coins_most=5, coin_fen=2)
    here = {"distribution": distribution, "coins": coins}
    for wish, added in ((0, 10_000), (30_000, 30_000), (90_000, 50_000)):
        found = own_terms.agreed(here, facts(wants_ppm=wish))
        assert (found.added_ppm, found.rate_ppm, found.wants_ppm) == (added, 50_000 + added, 0)
    found = own_terms.agreed(here, facts(wants_ppm=30_000, wants_coins=9))
    assert (found.added_coins, found.rate_ppm) == (5, 50_000 + 30_000 + 5 * 2 * 10_000)
    off = {"distribution": switched_off(distribution), "coins": CoinsSettings(seller_coins_most=0)}
    assert own_terms.agreed(off, facts(wants_ppm=30_000, wants_coins=2)) == facts()
    for kind in (SellerKind.SUPPLIER, SellerKind.CONCESSION, SellerKind.SELF):
        assert own_terms.agreed(here, facts(kind=kind)) == facts(kind=kind)
    line = LineFacts(line="l", level_amount=10_000, seller=own_terms.agreed(here, facts(wants_coins=2)))
    assert coins_of(changed(coins, coins_per_yuan=1), line, 10_000) == 300


def switched_off(one):
    return one.model_copy(update={"enabled": False})


def changed(one, **more):
    return one.model_copy(update=more)


@pytest.fixture
def promoted(grocery):
    """A buyer whom a promoter brought."""
    promoter = make_member(name="推广人", promoter=True, now=NOW)
    return promoter, make_member(name="买家", referrer=promoter, now=NOW)


def test_a_sale_pays_what_the_shop_adds_and_a_refund_takes_it_back(grocery, promoted):
    promoter, buyer = promoted
    sales.publish("orders", now=NOW, freight_free=False, freight_fen=0)
    sales.publish(now=NOW, rate_ppm=(20_000,), seller_most_ppm=50_000)
    shop = sold.opened(owner=make_member(name="店主", now=NOW).ulid, now=NOW)
    tea = sold.goods(shop, price=10_000, now=NOW)
    bounds = Bounds(most_ppm=50_000)
    before = finished(buyer, (tea, 1))
    with pytest.raises(InvalidInput):
        services.set_own_terms(
            seller_ulid=shop.ulid, terms=OwnTerms(promotion_ppm=50_001), bounds=bounds, actor="member:x", now=NOW
        )
    services.set_own_terms(
        seller_ulid=shop.ulid, terms=OwnTerms(promotion_ppm=30_000), bounds=bounds, actor="member:x", now=NOW
    )
    order = finished(buyer, (tea, 1))
    # 100.00: take 5 % and 3 % of its own; to the promoter 2.00 of the mall's and 3.00 of the shop's.
    kept = OrderLine.objects.get(order=order).seller
    assert (kept["rate_ppm"], kept["added_ppm"], "wants_ppm" in kept) == (80_000, 30_000, False)
    awards = dict(Award.objects.filter(line__settlement__order_ulid=order.ulid).values_list("kind", "amount"))
    assert awards == {"level1": 200, "added": 300}
    assert book.balance(f"member.wallet.{promoter.ulid}") == 200 + 500
    assert payable(shop) == 9_500 + 9_200
    assert "added_ppm" not in OrderLine.objects.get(order=before).seller
    refunded(order, 4_000)
    assert book.balance(f"member.wallet.{promoter.ulid}") == 200 + 300
    assert payable(shop) == 9_500 + 5_520
    assert StatementLine.objects.order_by("-pk").first().fee_amount == -320
    # The mall narrows its bounds: the shop pays and adds what is allowed, and no more.
    sales.publish(now=LATER, rate_ppm=(20_000,), seller_most_ppm=10_000)
    assert AuditRecord.objects.filter(action="seller.own_terms").count() == 1
    shop.refresh_from_db()
    assert [one["promotion_ppm"] for one in shop.own_terms] == [30_000]


def test_preview_and_worst_case_see_it(grocery):
    sales.publish(now=NOW, rate_ppm=(20_000,), seller_most_ppm=50_000)
    shop = sold.opened(owner=make_member(name="店主", now=NOW).ulid, now=NOW)
    tea = sold.goods(shop, price=10_000, now=NOW)
    services.set_own_terms(
        seller_ulid=shop.ulid,
        terms=OwnTerms(promotion_ppm=30_000),
        bounds=Bounds(most_ppm=50_000),
        actor="member:x",
        now=NOW,
    )
    found = [one for one in modes.combinations() if one.line.sku == tea.ulid]
    assert [one.line.seller.wants_ppm for one in found] == [30_000]
    book_now = modes.rulebook(at=NOW)
    line = own_terms.agreed_line(book_now.of("self_operated"), found[0].line)
    assert (line.seller.rate_ppm, line.supply_cost) == (80_000, 9_200)
    question = preview.Question(sku=tea.ulid, quantity=1)
    shown = preview.answer(question, preview.imagine(question, now=NOW), book_now)
    assert shown.funds == 800


def test_the_page_names_bounds_keeps_history_and_is_of_money(grocery):
    owner = make_member(name="店主", now=NOW)
    shop = sold.opened(owner=owner.ulid, now=NOW)
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(owner.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = f"/seller/{shop.ulid}/terms"
    assert "The mall allows shops to add nothing of their own" in client.get(page).content.decode()
    sales.publish(now=NOW, rate_ppm=(20_000,), seller_least_ppm=10_000, seller_most_ppm=50_000)
    for given, said in (("6", "the mall allows 1% to 5%"), ("x", "a percentage, such as 3 or 2.5")):
        answer = client.post(page, {"promotion": given})
        assert answer.status_code == 422 and said in answer.content.decode(), given
    shop.refresh_from_db()
    assert shop.own_terms == []
    client.post(page, {"promotion": "2.5"})
    client.post(page, {"promotion": "3"})
    shown = client.get(page).content.decode()
    assert "2.5% · 0 coins" in shown and "3% · 0 coins" in shown and "8%" in shown
    shop.refresh_from_db()
    assert [one["promotion_ppm"] for one in shop.own_terms] == [25_000, 30_000]
