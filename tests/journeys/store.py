"""A store's way: application, deposit, hours and place; a sale at its till, a visit card used up, a pickup; its payout."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.factories.catalog import picture
from tests.journeys import merchant
from tests.journeys.conftest import Installation, Person
from tests.journeys.line import pay_here
from tests.journeys.steps import JourneyMall, answered, press, wait_for

KEEPER, SHOPPER = "13900000063", "13900000064"
STORE = "青瓷生活馆"


def enter(mall: JourneyMall, owner: Person) -> None:
    """The mall of the merchant's journey, or where this one runs alone the same mall made now."""
    answer = owner.page.goto(mall.at("/"))
    if answer is not None and answer.status == 200:
        mall.sign_in(owner, mall.owner, next_path="/backoffice/")
        return
    owner.errors.clear()  # that nothing is there yet was no error
    mall.sign_up(owner)
    merchant.add_category(mall, owner)


def allow_pickup(mall: JourneyMall, owner: Person) -> None:
    """The mall lets stores hand goods over."""
    page = owner.page
    page.goto(mall.at("/backoffice/settings/orders/"))
    page.check("[name=store_handover]")
    page.fill("[name=reason]", "门店自提上线")
    press(page.locator("#settings-form button[name=step][value=publish]"))
    page.goto(mall.at("/backoffice/settings/orders/"))
    expect(page.locator("[name=store_handover]")).to_be_checked()


def apply(mall: JourneyMall, keeper: Person) -> None:
    """An application as a store: its district is asked for besides what a merchant says."""
    page = keeper.page
    page.goto(mall.at("/seller/apply"))
    page.locator("button[name=step][value=begin]").click()
    page.select_option("[name=kind]", "store")
    page.locator("details:has(#province_code) summary").click()
    for name, code in (("province_code", "440000"), ("city_code", "440100"), ("district_code", "440106")):
        page.locator(f"#{name} option[value='{code}']").wait_for(state="attached")
        page.select_option(f"[name={name}]", code)
    for name, value in (
        ("name", STORE),
        ("licence_name", "广州青瓷生活馆"),
        ("licence_number", "91440106MA59ABCD1M"),
        ("contact_name", "方芳"),
        ("payee_name", "广州青瓷生活馆"),
        ("payee_bank", "中国银行天河支行"),
        ("payee_account", "6216610100016587011"),
    ):
        page.fill(f"[name={name}]", value)
    page.check("[name=categories][value=porcelain]")
    page.set_input_files(
        "[name=paper]", {"name": "licence.png", "mimeType": "image/png", "buffer": picture((600, 400), "PNG")}
    )
    page.locator("button[name=step][value=paper]").click()
    expect(page.locator("#papers a[href*='/seller/apply/papers/']")).to_have_count(1)
    keeper.see("application")
    press(page.locator("button[name=step][value=submit]"))


def approve(mall: JourneyMall, owner: Person) -> None:
    """At 5 % with a deposit of 1 000.00."""
    page = owner.page
    page.goto(mall.at("/backoffice/applications/"))
    page.locator("table a[href*='/backoffice/applications/']", has_text=STORE).first.click()
    page.fill("#a-rate", "5")
    page.fill("#a-deposit", "1000")
    press(page.locator("button[name=step][value=approve]"))


def say_where(mall: JourneyMall, keeper: Person, store: str) -> None:
    """The keeper writes hours and place; shoppers read both."""
    page = keeper.page
    page.goto(mall.at(f"/seller/{store}/store"))
    for day in range(7):
        page.fill(f"[name=day{day}]", "00:00-24:00")
    press(page.locator("button[name=part][value=facts]"))
    for name, value in (
        ("place_text", "体育东路 8 号"),
        ("place_phone", "020-38880000"),
        ("latitude", "23.129110"),
        ("longitude", "113.264385"),
    ):
        page.fill(f"[name={name}]", value)
    page.check("[name=offers_pickup]")
    press(page.locator("button[name=part][value=place]"))
    keeper.see("hours-and-place")
    page.locator("a[href*='/stores/']").last.click()
    expect(page.locator("main")).to_contain_text("体育东路 8 号")
    keeper.see("as-shoppers-see-it")


def offer(mall: JourneyMall, owner: Person) -> None:
    """Staff put a product of the store and a card of three visits on sale."""
    page = owner.page
    page.goto(mall.at("/backoffice/goods/new"))
    page.fill("[name=title]", "粉青茶杯")
    page.fill("[name=description_html]", "到店自提。")
    page.select_option("[name=seller]", label=STORE)
    page.select_option("[name=category]", label="瓷器")
    for name, value in (("price", "100"), ("supply", "0"), ("stock", "50")):
        page.locator(f"#grid tbody tr >> nth=0 >> [data-field={name}]").fill(value)
    page.locator("#product-form p.bo-actions button").first.click()
    page.wait_for_selector("form[action$='/shelf']")
    press(page.locator("form[action$='/shelf'] button").first)
    page.goto(mall.at("/backoffice/store-cards/offers/new"))
    page.select_option("[name=seller]", label=STORE)
    for name, value in (
        ("title", "陶艺体验三次卡"),
        ("price", "90"),
        ("visits", "3"),
        ("valid_days", "90"),
        ("stock", "10"),
        ("text", "每次体验一小时；未用次数随时可退，按次折算。"),
    ):
        page.fill(f"[name={name}]", value)
    owner.see("card")
    press(page.locator("form p.bo-actions button").first)
    expect(page.locator("body")).to_contain_text("陶艺体验三次卡")


def sell_at_till(mall: JourneyMall, keeper: Person, shopper: Person, store: str) -> None:
    """The shopper shows a code, the keeper types 88.00, the shopper pays, the keeper sees it and has a receipt."""
    shopper.page.goto(mall.at("/me/code"))
    code = re.sub(r"\D", "", shopper.page.locator("#code p.font-mono").inner_text())
    page = keeper.page
    page.goto(mall.at(f"/seller/{store}/till"))
    page.fill("[name=amount]", "88")
    page.fill("[name=code]", code)
    page.fill("[name=note]", "茶具两件")
    keeper.see("till")
    page.locator("form:has([name=amount]) button").first.click()
    page.wait_for_url("**/till/charges/*")
    shopper.page.wait_for_url("**/t/charge/*")  # the phone goes there by itself
    shopper.see("asked-at-the-till")
    shopper.page.locator(".pay-bar button").click()
    shopper.page.wait_for_url("**/pay/*")
    pay_here(shopper, shopper.page.url.split("/pay/")[1].split("?")[0].split("/")[0])
    expect(page.locator("#charge")).to_contain_text("88.00")
    expect(page.locator("#charge [data-say]")).to_be_visible()
    keeper.see("paid-at-the-till")
    page.locator("#charge a[href*='/till/sales/']").click()
    expect(page.locator("#receipt")).to_contain_text("茶具两件")
    keeper.see("receipt")


def use_card(mall: JourneyMall, keeper: Person, shopper: Person) -> None:
    """A card of three visits is bought and redeemed three times by its changing code."""
    page = shopper.page
    page.goto(mall.at("/cards/shop"))
    page.locator("a[href*='/cards/shop/']").first.click()
    page.check("[name=accepted]")
    shopper.see("card-offer")
    page.locator("main form.panel button").click()
    page.wait_for_url("**/pay/*")
    pay_here(shopper, page.url.split("/pay/")[1].split("?")[0].split("/")[0])
    wait_for(page, mall.at("/cards"), "陶艺体验三次卡")
    page.locator("main a[href*='/cards/0']").first.click()
    address = page.url
    for left in (2, 1, 0):
        code = page.locator("[data-code]").inner_text()
        if left == 2:
            shopper.see("card-code")
        keeper.page.goto(mall.at("/seller/cards"))
        keeper.page.fill("[name=code]", code)
        press(keeper.page.locator("form:has([name=code]) button").first)
        page.goto(address)
        expect(page.locator("main h2").first).to_contain_text(f"剩 {left} / 共 3 次")
    keeper.see("redeemed")
    shopper.see("card-used-up")


def pick_up(mall: JourneyMall, keeper: Person, shopper: Person, store: str) -> str:
    """Goods are ordered for pickup at the store, and handed over against the code; the order."""
    page = shopper.page
    page.goto(mall.at("/search?q=粉青茶杯"))
    page.locator("a[href*='/p/']").first.click()
    page.wait_for_url("**/p/*")
    page.locator("button[name=then][value=checkout]").click()
    page.wait_for_url("**/checkout*")
    page.locator("a[href*='/me/addresses/new']").click()
    page.fill("[name=name]", "李明")
    page.fill("[name=phone]", SHOPPER)
    page.select_option("[name=province_code]", "440000")
    page.select_option("[name=city_code]", "440100")
    page.select_option("[name=district_code]", "440106")
    page.fill("[name=detail]", "体育西路1号 3栋502")
    page.locator("main form button.btn-block").click()
    page.wait_for_url("**/checkout?*")
    answered(page, lambda: page.select_option("select[name^='delivery-']", f"pickup:{store}"))
    expect(page.locator(".pay-bar")).to_contain_text("100.00")  # no freight
    shopper.see("pickup-chosen")
    page.locator(".pay-bar button").click()
    page.wait_for_url("**/pay/*")
    order = page.url.split("/pay/")[1].split("?")[0].split("/")[0]
    pay_here(shopper, order)
    code = page.locator("#pickup p.font-mono").inner_text()
    keeper.page.goto(mall.at("/seller/pickup"))
    keeper.page.fill("[name=code]", code)
    press(keeper.page.locator("form:has([name=code]) button").first)
    keeper.see("handed-over")
    wait_for(page, mall.at(f"/orders/{order}"), "已收货")
    return order


def be_paid(mall: JourneyMall, owner: Person, keeper: Person, store: str) -> None:
    """After the after-sales time everything is on statements: 95 % of 88.00, of three visits of 30.00, and of 100.00."""
    merchant.go_on(mall, owner, days=7)
    merchant.go_on(mall, owner, days=1)
    page = keeper.page
    wait_for(page, mall.at("/seller"), "待确认")
    page.goto(mall.at(f"/seller/{store}/money"))
    statements = page.locator("a[href*='/statements/']").evaluate_all("all => all.map(one => one.href)")
    total = 0
    for address in statements:
        page.goto(address)
        keeper.see("statement")
        total += round(float(re.sub(r"[^\d.]", "", page.locator("p.amount").first.inner_text())) * 100)
        press(page.locator("button[name=answer][value=right]"))
    assert total == 8_360 + 3 * 2_850 + 9_500
    for _statement in statements:
        owner.page.goto(mall.at("/backoffice/statements/?state=confirmed"))
        owner.page.locator("table a[href*='/backoffice/statements/']").first.click()
        owner.page.fill("#s-ref", "BOC20261122009")
        press(owner.page.locator("button[name=step][value=paid]"))
    page.goto(statements[-1])
    expect(page.locator("body")).to_contain_text("BOC20261122009")
    keeper.see("paid-out")


def walk(installation: Installation, person: Callable[..., Person]) -> None:
    """The story of a store from its application to its payout; ends with the books of every asset checked."""
    mall = JourneyMall(installation, "qingci", "青瓷集", merchant.OWNER, plan=1)
    owner, keeper, shopper = person("store-owner", phone=False), person("store-keeper"), person("store-shopper")
    enter(mall, owner)
    allow_pickup(mall, owner)
    owner.page.goto(mall.at("/backoffice/launch/"))
    preview = owner.page.locator("input[readonly]").input_value()
    keeper.page.goto(preview)
    mall.sign_in(keeper, KEEPER)
    apply(mall, keeper)
    approve(mall, owner)
    store = merchant.accept_and_pay(mall, keeper)
    say_where(mall, keeper, store)
    offer(mall, owner)

    shopper.page.goto(preview)
    mall.sign_in(shopper, SHOPPER)
    sell_at_till(mall, keeper, shopper, store)
    use_card(mall, keeper, shopper)
    pick_up(mall, keeper, shopper, store)
    be_paid(mall, owner, keeper, store)
    said = [error for one in (owner, keeper, shopper) for error in one.errors]
    assert [error for error in said if not re.search("422|400", error)] == []
    mall.trial_balance_is_zero()
