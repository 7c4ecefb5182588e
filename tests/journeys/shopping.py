"""A three-seller cart paid by coins, vouchers, a coupon and money; a part of one line goes back after the mall has decided."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys import subsidy
from tests.journeys.conftest import Installation, Person
from tests.journeys.line import buy, pay_here
from tests.journeys.money import Cast, list_goods, open_store, publish
from tests.journeys.steps import JourneyMall, answered, press, wait_for

OWNER, SHOPPER = "13900000050", "13900000051"
SELLERS = {"甲茶行": ("commission", "30"), "乙瓷坊": ("concession", "20")}
# One period pays 30 % of the points of both sides; 60 % of the concession covers them whole.
ONE_PERIOD = {"own_concession_ppm": "20", "first_ppm": "30", "periods_max": "1", "reserve_periods": "1"}


def make_coupon(mall: JourneyMall, owner: Person) -> None:
    """20.00 off from goods of 100.00, paid by the mall."""
    page = owner.page
    page.goto(mall.at("/backoffice/coupons/new"))
    for name, value in (("title", "满100减20"), ("amount", "20"), ("threshold", "100")):
        page.fill(f"[name={name}]", value)
    owner.see("coupon")
    press(page.locator("main form p.bo-actions button, form p.bo-actions button").first)
    expect(page.locator("body")).to_contain_text("满100减20")


def complete(mall: JourneyMall, owner: Person, shopper: Person, order: str) -> None:
    """Shipped, received, and a week later completed."""
    owner.page.goto(mall.at(f"/backoffice/orders/{order}"))
    owner.page.fill("[name=carrier]", "顺丰速运")
    owner.page.fill("[name=number]", f"SF{order[-10:]}")
    press(owner.page.locator("form[action$='/ship'] button").first)
    page = shopper.page
    page.goto(mall.at(f"/orders/{order}"))
    press(page.locator("form[action$='/receive'] button"))
    mall.let_time_pass(8)
    wait_for(owner.page, mall.at(f"/backoffice/orders/{order}"), "已完成")


def fill_cart(mall: JourneyMall, shopper: Person) -> None:
    """One piece of each of the three sellers' goods."""
    page = shopper.page
    page.goto(mall.at("/c/"))
    found = page.locator("a[href*='/p/']").evaluate_all("links => [...new Set(links.map(link => link.href))]")
    assert len(found) == 3
    for address in found:
        page.goto(address)
        page.fill("[name=quantity]", "1")
        press(page.locator("button[name=then][value=cart]"))
    page.goto(mall.at("/cart"))
    shopper.see("cart-of-three")
    page.locator("form#buy button").click()
    page.wait_for_url("**/checkout*")


def have_vouchers(pool: subsidy.Cast, installation: Installation) -> None:
    """The subsidy is approved, and published with its projection read; the shopper's first order will bring him vouchers."""
    subsidy.approve(pool, installation)
    page = subsidy.open_terms(pool, "?start=fully_reserved")
    for name, value in ONE_PERIOD.items():
        page.fill(f"[name={name}]", value)
    subsidy.publish(pool)
    assert subsidy.published(pool) == "1"


def hand_out(pool: subsidy.Cast) -> None:
    """A week later staff run the period that is due."""
    with subsidy.books(pool) as connection:
        connection.execute("UPDATE subsidy_pool SET counted_from = counted_from - interval '7 days'")
    page = pool.owner.page
    page.goto(pool.mall.at("/backoffice/pool/"))
    press(page.locator("form[action$='/run'] button"))
    expect(page.locator("body")).to_contain_text("本期已执行")


def pay_four_ways(mall: JourneyMall, shopper: Person) -> str:
    """The coupon is proposed, coins are ticked, vouchers filled in, the rest is money; the first of three orders."""
    page = shopper.page
    expect(page.locator("body")).to_contain_text("满100减20")
    answered(page, lambda: page.check("[name=coins]"))
    expect(page.locator("body")).to_contain_text("购物币抵扣（3000 枚）")
    page.fill("[name=voucher]", "12")
    press(page.locator("section:has([name=voucher]) button[name=recount]"))
    expect(page.locator("body")).to_contain_text("−¥12.00")
    expect(page.locator("body")).to_contain_text("购物币抵扣（3000 枚）")
    shopper.see("four-ways")
    page.locator(".pay-bar button").click()
    page.wait_for_url("**/pay/*")
    order = page.url.split("/pay/")[1].split("?")[0].split("/")[0]
    pay_here(shopper, order)
    expect(page.locator("body")).to_contain_text("购物币抵扣")
    return order


def dispute(mall: JourneyMall, owner: Person, shopper: Person, order: str) -> None:
    """15.00 of a line is asked back, declined in the seller's place, and granted by the mall."""
    page = shopper.page
    page.goto(mall.at(f"/orders/{order}/refund"))
    page.locator("[name=line]:not([value=all])").first.check()
    page.locator("[name^=amount-]").first.fill("15")
    page.fill("[name=reason]", "包装破损，茶叶受潮")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/cases/*")
    shopper.see("case")
    case = page.url.split("/cases/")[1].split("?")[0]
    answer(mall, owner, case, "decline", note="发货前完好")
    page.goto(mall.at(f"/orders/{order}/cases/{case}"))
    page.fill("[name=note]", "开箱照片可以证明")
    press(page.locator("button[name=step][value=appeal]"))
    owner.page.goto(mall.at("/backoffice/aftersales/"))
    owner.see("cases")
    answer(mall, owner, case, "rule", note="照片属实，退还部分货款", outcome="pay")
    owner.see("ruled")
    wait_for(page, mall.at("/coins"), "退款退回")
    shopper.see("coins-after-refund")
    wait_for(page, mall.at(f"/orders/{order}"), "款项已原路退回|已退款|原路")
    shopper.see("refunded")


def came_back_in_proportion(pool: subsidy.Cast, order: str) -> None:
    """Of 15.00 of a line of 100.00: 15 % of what it cost the shopper, of its coins and its vouchers, each rounded down; money is the rest."""
    of_order = f"FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE o.ulid = '{order}'"
    paid = subsidy.figures(
        pool, f"SELECT level_amount, platform_discount_amount, coin_amount, voucher_amount, cash_amount {of_order}"
    )
    coupon = paid[1]
    assert coupon in (666, 667)  # 20.00 over three lines alike, by largest remainder
    assert paid == (10_000, coupon, 1_000, 400, 8_600 - coupon)
    names = "refunded_value_amount, refunded_coin_amount, refunded_voucher_amount, refunded_cash_amount"
    money = (10_000 - coupon) * 15 // 100 - 150 - 60
    assert subsidy.figures(pool, f"SELECT {names} {of_order}") == (1_500, 150, 60, money)
    shopper = pool["shopper"]
    wait_for(shopper.page, pool.mall.at("/vouchers"), r"¥0\.60")
    assert subsidy.figure(shopper.page, "available") == "¥0.60"
    shopper.see("vouchers-after-refund")
    wait_for(shopper.page, pool.mall.at("/coins"), r"可抵商品 ¥1\.50")


def answer(mall: JourneyMall, owner: Person, case: str, step: str, *, note: str, outcome: str = "") -> None:
    page = owner.page
    page.goto(mall.at(f"/backoffice/refunds/{case}"))
    page.fill("#case-note", note)
    if outcome:
        page.select_option("#outcome", outcome)
    press(page.locator(f"button[name=step][value={step}]"))


def walk(installation: Installation, person: Callable[..., Person]) -> None:
    """The story of a cart of three sellers, with pictures on the way; ends with the books of every asset checked."""
    mall = JourneyMall(installation, "huacai", "华彩集", OWNER, plan=1)
    owner, shopper = person("shopping-owner", phone=False), person("shopping-shopper")
    operator = person("shopping-operator", phone=False)
    shopper.page.on("dialog", lambda dialog: dialog.accept())
    mall.sign_up(owner)
    cast = Cast(mall, owner, {}, {})
    pool = subsidy.Cast(mall, owner, operator, {"shopper": shopper})
    preview = list_goods(cast, "")
    publish(cast, "coins", coins_per_yuan="15", most_ppm="30")
    have_vouchers(pool, installation)

    shopper.page.goto(preview)
    mall.sign_in(shopper, SHOPPER)
    first = buy(mall, shopper, quantity=2)
    complete(mall, owner, shopper, first)
    wait_for(shopper.page, mall.at("/coins"), "3000")
    shopper.see("coins")
    hand_out(pool)
    wait_for(shopper.page, mall.at("/vouchers"), r"¥12\.00")
    for name, (settlement, rate) in SELLERS.items():
        open_store(cast, name, settlement=settlement, rate=rate)
        press(owner.page.locator("button[name=step][value=vouchers]"))
        list_goods(cast, name)
    make_coupon(mall, owner)
    shopper.page.goto(mall.at("/coupons"))
    press(shopper.page.locator("form[action$='/take'] button").first)
    fill_cart(mall, shopper)
    order = pay_four_ways(mall, shopper)
    wait_for(shopper.page, mall.at("/coins"), r"可抵商品 ¥0\.00")
    dispute(mall, owner, shopper, order)
    came_back_in_proportion(pool, order)
    said = [error for one in (owner, operator, shopper) for error in one.errors]
    assert [error for error in said if not re.search("422|409", error)] == []
    mall.trial_balance_is_zero()
