"""What a shopper reads of coins before he buys, and of what his membership saves: in the prices already, no deduction."""

import datetime as dt
import re

from django.core.cache import cache

from saas.kernel import clock
from tenant_apps.members.models import Member
from tenant_apps.members.rules import LEVEL_PARTNER
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_product_and_cart_say_what_coins_do_and_checkout_what_membership_saved(grocery):
    goods = shops.goods(None, price=3_990, supply=1_000, title="橙", now=EARLIER)
    shop, english = MallClient("grocery.localhost"), {"HTTP_ACCEPT_LANGUAGE": "en"}
    buyer = make_member()
    shop.force_login(buyer.user)
    shop.post("/cart/add", {"sku": goods.ulid, "quantity": "2"})
    cache.clear()
    assert "Coins" not in text(shop.get(f"/p/{goods.product.ulid}", **english))
    assert "coins" not in text(shop.get("/cart", **english))
    sales.publish("coins", now=EARLIER, coins_per_yuan=3, coin_fen=7, most_ppm=300_000)
    cache.clear()
    # 39.90 gives 119 coins (3 a yuan, floored); 30 % of it is 11.97: 171 coins of 0.07
    page = text(shop.get(f"/p/{goods.product.ulid}", **english))
    assert "gives 119 when completed · 171 may pay ¥11.97 of it" in page
    assert "完成后赠送 119 枚 · 可用 171 枚抵扣 ¥11.97" in text(
        shop.get(f"/p/{goods.product.ulid}", HTTP_ACCEPT_LANGUAGE="zh-hans")
    )
    page = text(shop.get("/cart", **english))
    assert "gives up to 239 coins" in page and "Up to 342 coins may pay ¥23.94" in page
    sales.publish("partner_membership", now=EARLIER, price_ppm=950_000)
    cache.clear()
    Member.objects.filter(pk=buyer.pk).update(level=LEVEL_PARTNER, level_until=NOW + dt.timedelta(days=9))
    page = text(shop.get(f"/checkout?sku={goods.ulid}&qty=2", **english))
    # the goods row is 2 × 37.90 already: what was saved is told, and nothing is taken off again
    assert "Goods ¥75.80 Saved by your membership, in the prices already ¥4.00" in page
    assert "−¥4.00" not in page
