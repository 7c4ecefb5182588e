"""A merchant's way: application with a paper, given back once, contract, deposit; goods, a parcel of his own; the first payout."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.factories.catalog import picture
from tests.journeys.conftest import Installation, Person
from tests.journeys.line import buy, pay_here
from tests.journeys.steps import JourneyMall, press, wait_for

OWNER, MERCHANT, SHOPPER = "13900000060", "13900000061", "13900000062"
SHOP = "青瓷小铺"


def add_category(mall: JourneyMall, owner: Person) -> None:
    """Without a category nobody can say what he wants to sell."""
    page = owner.page
    page.goto(mall.at("/backoffice/categories/"))
    page.fill("#c-name", "瓷器")
    page.fill("#c-slug", "porcelain")
    press(page.locator("#new form button"))
    expect(page.locator("input[name=name][value='瓷器']")).to_be_visible()


def apply(mall: JourneyMall, merchant: Person) -> None:
    """First sent with a gap, which is named and loses nothing; then with the licence."""
    page = merchant.page
    page.goto(mall.at("/seller/apply"))
    merchant.see("begin")
    page.locator("button[name=step][value=begin]").click()
    for name, value in (
        ("name", SHOP),
        ("licence_name", "景德镇青瓷商贸有限公司"),
        ("licence_number", "91440106MA59ABCD1M"),
        ("contact_name", "陈青"),
        ("payee_name", "景德镇青瓷商贸有限公司"),
        ("payee_bank", "中国银行景德镇分行"),
        ("payee_account", "6216610100016587010"),
    ):
        page.fill(f"[name={name}]", value)
    page.check("[name=categories][value=porcelain]")
    page.locator("button[name=step][value=submit]").click()
    expect(page.locator("[role=alert]")).to_contain_text("营业执照")
    merchant.see("licence-missing")
    assert page.input_value("[name=payee_bank]") == "中国银行景德镇分行"
    page.set_input_files(
        "[name=paper]", {"name": "licence.png", "mimeType": "image/png", "buffer": picture((600, 400), "PNG")}
    )
    page.locator("button[name=step][value=paper]").click()
    expect(page.locator("#papers a[href*='/seller/apply/papers/']")).to_have_count(1)
    merchant.see("application")
    press(page.locator("button[name=step][value=submit]"))


def answer(mall: JourneyMall, owner: Person, merchant: Person) -> None:
    """Given back with a reason, sent again, approved at 5 % with a deposit of 1 000.00."""
    page = owner.page
    page.goto(mall.at("/backoffice/applications/"))
    page.locator("table a[href*='/backoffice/applications/']").first.click()
    owner.see("application")
    page.fill("#a-why", "店铺名称请与门头一致")
    press(page.locator("button[name=step][value=return]"))
    merchant.page.goto(mall.at("/seller/apply"))
    expect(merchant.page.locator("body")).to_contain_text("店铺名称请与门头一致")
    merchant.see("given-back")
    press(merchant.page.locator("button[name=step][value=submit]"))
    page.goto(mall.at("/backoffice/applications/"))
    page.locator("table a[href*='/backoffice/applications/']").first.click()
    page.fill("#a-rate", "5")
    page.fill("#a-deposit", "1000")
    press(page.locator("button[name=step][value=approve]"))
    owner.see("approved")


def accept_and_pay(mall: JourneyMall, merchant: Person) -> str:
    """Terms and contract are read, the deposit is paid like any order, the shop opens by itself; the shop's ULID."""
    page = merchant.page
    page.goto(mall.at("/seller/apply"))
    expect(page.locator("body")).to_contain_text("1,000.00")
    merchant.see("contract")
    page.check("[name=agreed]")
    press(page.locator("button[name=step][value=accept]"))
    merchant.see("deposit")
    page.locator("form[action='/cart/add'] button").click()
    page.wait_for_url("**/checkout*")
    page.locator(".pay-bar button").click()
    page.wait_for_url("**/pay/*")
    pay_here(merchant, page.url.split("/pay/")[1].split("?")[0].split("/")[0])
    wait_for(page, mall.at("/seller"), "营业中")
    merchant.see("my-shop")
    found = re.search(r"/seller/(\w{26})/desk", page.content())
    assert found
    page.goto(mall.at(f"/seller/{found.group(1)}/money"))
    expect(page.locator("body")).to_contain_text("1,000.00")
    return found.group(1)


def list_goods_of(mall: JourneyMall, owner: Person, merchant: Person, shop: str) -> None:
    """The merchant enters a product of his own in a category he may sell in; the mall looks at it and agrees."""
    page = merchant.page
    page.goto(mall.at(f"/seller/{shop}/products/new"))
    page.fill("[name=title]", "影青盖碗")
    page.fill("[name=description_html]", "手工拉坯。")
    page.select_option("[name=category]", label="瓷器")
    for name, value in (("price", "100"), ("stock", "50")):
        page.locator(f"#grid tbody tr >> nth=0 >> [data-field={name}]").fill(value)
    merchant.see("new-product")
    page.locator("#product-form > button").click()
    page.wait_for_selector("#pictures")
    page.set_input_files(
        "[name=images]", {"name": "bowl.png", "mimeType": "image/png", "buffer": picture((800, 800), "PNG")}
    )
    press(page.locator("#pictures form[enctype] button"))
    press(page.locator("button[name=step][value=submit]"))
    merchant.see("product-waits")
    owner.page.goto(mall.at("/backoffice/listings/"))
    owner.page.locator("table a[href*='/backoffice/listings/']").first.click()
    owner.see("product-to-look-at")
    press(owner.page.locator("button[name=step][value=approve]"))
    page.goto(mall.at(f"/seller/{shop}/products"))
    expect(page.locator("body")).to_contain_text("在售")
    merchant.see("products")


def ship(mall: JourneyMall, merchant: Person, shop: str) -> None:
    """The merchant finds the order on his desk and sends it himself."""
    page = merchant.page
    page.goto(mall.at(f"/seller/{shop}/desk"))
    merchant.see("desk")
    page.locator("a[href$='state=paid']").click()
    page.locator(f"a[href*='/seller/{shop}/orders/']").first.click()
    page.fill("[name=carrier]", "顺丰速运")
    page.fill("[name=number]", "SF1234567890199")
    press(page.locator("form:has([name=carrier]) button"))
    expect(page.locator("body")).to_contain_text("SF1234567890199")
    merchant.see("sent")


def go_on(mall: JourneyMall, owner: Person, *, days: int) -> None:
    """The mall rehearses: its owner lets days pass, and what falls due on the way is done."""
    page = owner.page
    page.goto(mall.at("/backoffice/rehearsal/"))
    press(page.locator(f"button[name=days][value='{days}']"))
    wait_for(page, mall.at("/backoffice/rehearsal/"), f"前进 {days} 天")  # its buttons are back when it has arrived


def be_paid(mall: JourneyMall, owner: Person, merchant: Person) -> None:
    """The day after completion there is a statement of 190.00; the merchant confirms it, finance records the transfer."""
    page = merchant.page
    go_on(mall, owner, days=1)
    wait_for(page, mall.at("/seller"), "待确认")
    page.locator("a[href$='/money']").first.click()
    page.locator("a[href*='/statements/']").first.click()
    expect(page.locator("body")).to_contain_text("190.00")
    merchant.see("statement")
    press(page.locator("button[name=answer][value=right]"))
    page.goto(mall.at("/seller"))
    page.locator("a[href$='/money']").first.click()
    owner.page.goto(mall.at("/backoffice/statements/"))
    owner.page.locator("table a[href*='/backoffice/statements/']").first.click()
    owner.page.fill("#s-ref", "BOC20261122001")
    press(owner.page.locator("button[name=step][value=paid]"))
    owner.see("transferred")
    page.locator("a[href*='/statements/']").first.click()
    expect(page.locator("body")).to_contain_text("BOC20261122001")
    merchant.see("paid-out")


def walk(installation: Installation, person: Callable[..., Person]) -> None:
    """The story of a shop from its application to its first payout; ends with the books of every asset checked."""
    mall = JourneyMall(installation, "qingci", "青瓷集", OWNER, plan=1)
    owner, merchant, shopper = person("merchant-owner", phone=False), person("merchant"), person("merchant-shopper")
    mall.sign_up(owner)
    add_category(mall, owner)
    owner.page.goto(mall.at("/backoffice/launch/"))
    preview = owner.page.locator("input[readonly]").input_value()
    merchant.page.goto(preview)
    mall.sign_in(merchant, MERCHANT)
    apply(mall, merchant)
    answer(mall, owner, merchant)
    shop = accept_and_pay(mall, merchant)
    list_goods_of(mall, owner, merchant, shop)

    shopper.page.goto(preview)
    mall.sign_in(shopper, SHOPPER)
    order = buy(mall, shopper, quantity=2)
    ship(mall, merchant, shop)
    shopper.page.on("dialog", lambda dialog: dialog.accept())
    shopper.page.goto(mall.at(f"/orders/{order}"))
    press(shopper.page.locator("form[action$='/receive'] button"))
    go_on(mall, owner, days=7)
    wait_for(owner.page, mall.at(f"/backoffice/orders/{order}"), "已完成")
    be_paid(mall, owner, merchant)
    owner.page.goto(mall.at("/backoffice/money/"))
    owner.see("books")
    said = [error for one in (owner, merchant, shopper) for error in one.errors]
    assert [error for error in said if not re.search("422|400", error)] == []
    mall.trial_balance_is_zero()
