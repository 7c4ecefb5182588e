"""A three-seller cart paid by coins, a coupon and money; a part of one line goes back after the mall has decided."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.conftest import Installation, Person
from tests.journeys.line import buy, pay_here
from tests.journeys.money import Cast, list_goods, open_store, publish
from tests.journeys.steps import JourneyMall, answered, press, wait_for

OWNER, SHOPPER = "13900000050", "13900000051"
SELLERS = ("甲茶行", "乙瓷坊")


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


def pay_three_ways(mall: JourneyMall, shopper: Person) -> str:
    """The coupon is proposed, coins are ticked, the rest is money; the first of three orders."""
    page = shopper.page
    expect(page.locator("body")).to_contain_text("满100减20")
    answered(page, lambda: page.check("[name=coins]"))
    expect(page.locator("body")).to_contain_text("购物币抵扣（3000 枚）")
    shopper.see("three-ways")
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
    shopper.page.on("dialog", lambda dialog: dialog.accept())
    mall.sign_up(owner)
    cast = Cast(mall, owner, {}, {})
    preview = list_goods(cast, "")
    for name in SELLERS:
        open_store(cast, name)
        preview = list_goods(cast, name)
    publish(cast, "coins", coins_per_yuan="15", most_ppm="30")
    make_coupon(mall, owner)

    shopper.page.goto(preview)
    mall.sign_in(shopper, SHOPPER)
    first = buy(mall, shopper, quantity=2)
    complete(mall, owner, shopper, first)
    wait_for(shopper.page, mall.at("/coins"), "3000")
    shopper.see("coins")
    shopper.page.goto(mall.at("/coupons"))
    press(shopper.page.locator("form[action$='/take'] button").first)
    fill_cart(mall, shopper)
    order = pay_three_ways(mall, shopper)
    wait_for(shopper.page, mall.at("/coins"), r"可抵商品 ¥0\.00")
    dispute(mall, owner, shopper, order)
    said = [error for one in (owner, shopper) for error in one.errors]
    assert [error for error in said if not re.search("422|409", error)] == []
    mall.trial_balance_is_zero()
