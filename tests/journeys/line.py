"""The line: a mall is sold, opened, shopped in, and pays out — through the screens, with every server real."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.conftest import Installation, Person
from tests.journeys.steps import JourneyMall, press, wait_for

OWNER, REFERRER, SHOPPER = "13900000001", "13900000002", "13900000003"
SUBDOMAIN = "lvye"


def list_product(mall: JourneyMall, owner: Person) -> str:
    """A product with two SKUs goes on the shelf; its address in the storefront."""
    page = owner.page
    page.goto(mall.at("/backoffice/goods/new"))
    page.fill("[name=title]", "蒙顶甘露 明前绿茶")
    page.fill("[name=subtitle]", "手工采摘,当年新茶")
    page.fill("[name=description_html]", "产自蒙顶山,密封罐装。")
    page.click("#add-option")
    page.locator("#options input").nth(0).fill("规格")
    page.locator("#options input").nth(1).fill("50克, 100克")
    page.locator("#options input").nth(1).press("Tab")
    for row, (price, supply, stock) in enumerate([("99.99", "40", "30"), ("180", "75.50", "20")]):
        for name, value in (("price", price), ("supply", supply), ("stock", stock)):
            page.locator(f"#grid tbody tr >> nth={row} >> [data-field={name}]").fill(value)
    owner.see("product")
    page.locator("#product-form p.bo-actions button").first.click()
    page.wait_for_selector("form[action$='/shelf']")
    press(page.locator("form[action$='/shelf'] button").first)
    owner.see("on-shelf")
    page.goto(mall.at("/backoffice/launch/"))
    owner.see("launch")
    return page.locator("input[readonly]").input_value()


def publish_distribution(mall: JourneyMall, owner: Person) -> None:
    """The mall decides to pay its promoters: the settings as proposed, with a reason; cautions are read."""
    page = owner.page
    page.goto(mall.at("/backoffice/settings/distribution/"))
    page.fill("[name=reason]", "开业佣金方案")
    owner.see("distribution")
    press(page.locator("#settings-form button[name=step][value=publish]"))
    if page.locator("[name=accept_cautions]").count():
        owner.see("cautions")
        page.check("[name=accept_cautions]")
        press(page.locator("#settings-form button[name=step][value=publish]"))
    owner.see("distribution-published")


def buy(mall: JourneyMall, shopper: Person, *, quantity: int = 25) -> str:
    """From the category to paid at the channel's cashier; the order's ULID."""
    page = shopper.page
    page.goto(mall.at("/"))
    shopper.see("home")
    page.locator("a[href*='/p/']").first.click()
    page.wait_for_url("**/p/*")
    shopper.see("product")
    page.fill("[name=quantity]", str(quantity))
    page.locator("button[name=then][value=cart]").click()
    page.goto(mall.at("/cart"))
    shopper.see("cart")
    page.locator("form#buy button").click()
    page.wait_for_url("**/checkout*")
    shopper.see("checkout-first")
    page.locator("a[href*='/me/addresses/new']").click()
    page.fill("[name=name]", "李明")
    page.fill("[name=phone]", "13900000003")
    page.select_option("[name=province_code]", "440000")
    page.select_option("[name=city_code]", "440100")
    page.select_option("[name=district_code]", "440106")
    page.fill("[name=detail]", "体育西路1号 3栋502")
    shopper.see("address")
    page.locator("main form button.btn-block").click()
    page.wait_for_url("**/checkout?*")
    shopper.see("checkout")
    page.locator(".pay-bar button").click()
    page.wait_for_url("**/pay/*")
    order = page.url.split("/pay/")[1].split("?")[0].split("/")[0]
    pay_here(shopper, order)
    return order


def pay_here(shopper: Person, order: str) -> None:
    """From the page that pays an order through the channel's cashier to the paid order."""
    page = shopper.page
    shopper.see("pay")
    page.wait_for_selector("#leave")  # the page starts the payment by itself, and shows where to pay
    cashier = shopper.context.new_page()
    cashier.goto(page.locator("#leave").get_attribute("href"))
    cashier.wait_for_load_state()
    cashier.screenshot(path=f"tests/artefacts/{shopper.name}-cashier.png")
    cashier.locator("button[value=pay], button:has-text('支付')").first.click()
    cashier.wait_for_load_state()
    cashier.close()
    page.wait_for_url(f"**/orders/{order}*")
    shopper.see("paid")


def walk(installation: Installation, person: Callable[..., Person]) -> None:
    """The whole story, with pictures on the way; ends with the books checked."""
    owner = person("owner", phone=False)
    mall = JourneyMall(installation, SUBDOMAIN, "绿野集", OWNER)
    mall.sign_up(owner)
    preview = list_product(mall, owner)
    publish_distribution(mall, owner)

    stranger = person("stranger")
    stranger.page.goto(mall.at("/"))
    stranger.see("opening-soon")
    assert "/p/" not in stranger.page.content()

    referrer = person("referrer")
    referrer.page.goto(preview)
    mall.sign_in(referrer, REFERRER)
    referrer.see("me")
    referrer.page.goto(mall.at("/team"))
    referrer.see("team")
    press(referrer.page.locator("form[action*='promot'] button").first)
    referrer.see("promoter")
    owner.page.goto(mall.at("/backoffice/members/"))
    owner.see("members")
    referrer.page.goto(mall.at("/poster"))
    referrer.see("poster")
    share = re.search(r"http://[^\s\"'<>]+[?&]r=[\w-]+", referrer.page.content()).group()

    shopper = person("shopper")
    shopper.page.goto(preview)
    shopper.page.goto(share)
    mall.sign_in(shopper, SHOPPER)
    order = buy(mall, shopper)
    deliver_and_pay_out(mall, owner, referrer, shopper, order)
    # The one answer that is no 2xx: publishing with cautions unread (422), which the browser reports as an error.
    said = [error for one in (owner, referrer, shopper, stranger) for error in one.errors]
    assert [error for error in said if "422" not in error] == []
    mall.trial_balance_is_zero()


def deliver_and_pay_out(mall: JourneyMall, owner: Person, referrer: Person, shopper: Person, order: str) -> None:
    """Shipped, received, completed; the referrer's award frozen, released, withdrawn; the books checked."""
    wait_for(referrer.page, mall.at("/wallet"), r"124\.98")
    referrer.see("wallet-frozen")

    owner.page.goto(mall.at(f"/backoffice/orders/{order}"))
    owner.see("order")
    owner.page.fill("[name=carrier]", "顺丰速运")
    owner.page.fill("[name=number]", "SF1234567890123")
    owner.page.locator("form[action$='/ship'] button").first.click()
    owner.see("shipped")
    shopper.page.goto(mall.at(f"/orders/{order}"))
    shopper.page.on("dialog", lambda dialog: dialog.accept())
    press(shopper.page.locator("form[action$='/receive'] button"))
    shopper.see("received")
    mall.let_time_pass(8)
    wait_for(owner.page, mall.at(f"/backoffice/orders/{order}"), "已完成")
    owner.see("completed")
    referrer.page.goto(mall.at("/wallet"))
    referrer.see("wallet-released")

    withdraw(mall, referrer)
    owner.page.goto(mall.at("/backoffice/withdrawals/"))
    owner.page.locator("a[href*='/backoffice/withdrawals/']").last.click()
    owner.see("withdrawal")
    press(owner.page.locator("button[name=step][value=approve]"))
    owner.see("withdrawal-approved")
    finish_transfer(owner)
    wait_for(referrer.page, mall.at("/withdraw"), "已打款|已支付|已付")
    referrer.see("withdrawn")

    owner.page.goto(mall.at("/backoffice/money/"))
    owner.see("books")
    books = mall.installation.run("ledger", "check")
    assert "绿野集" in books


def withdraw(mall: JourneyMall, referrer: Person) -> None:
    """The referrer asks for what was released, sees the fee first, and confirms."""
    page = referrer.page
    page.goto(mall.at("/withdraw"))
    page.fill("[name=amount]", "120")
    page.fill("[name=real_name]", "王芳")
    page.fill("[name=bank_name]", "中国银行成都分行")
    page.fill("[name=account]", "6216610100016587010")
    referrer.see("withdraw")
    press(page.locator("main form button[type=submit]").first)
    referrer.see("withdraw-fee")
    expect(page.locator("body")).to_contain_text("8.40")
    press(page.locator("main form button[type=submit]").first)
    referrer.see("withdraw-asked")


def finish_transfer(owner: Person) -> None:
    """Staff record the bank transfer they made."""
    owner.page.fill("[name=reference]", "BOC20261122000001")
    press(owner.page.locator("button[name=step][value=paid]"))
    owner.see("withdrawal-paid")
