"""The pool that cannot lie: terms refused, projected and published; two sales, three periods, a voucher spent and given back."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Page, expect

from saas.kernel.money import display_yuan
from saas.runtime.postgres import Postgres
from tests.journeys.conftest import Installation, Person
from tests.journeys.steps import JourneyMall, press, wait_for

OWNER, PASSWORD = "13900000030", "operator-journey-7"
PHONES = {"anna": "13900000031", "bo": "13900000032", "keeper": "13900000033"}
SUBDOMAIN, MALL_NAME = "huimin", "惠民集"
SHOPS = {"城南家电行": "20", "溪口茶庄": "10"}  # the concession of each, in percent
GOODS = {"双开门冰箱 486升": ("城南家电行", "10000"), "蒙顶黄芽 礼盒": ("溪口茶庄", "5000"), "茉莉花茶 100克": ("溪口茶庄", "60")}  # fmt: skip
FRIDGE, TEA, JASMINE = GOODS


@dataclass
class Cast:
    """Everybody with a browser."""

    mall: JourneyMall
    owner: Person
    operator: Person
    people: dict[str, Person]

    def __getitem__(self, name: str) -> Person:
        return self.people[name]


def open_shops(cast: Cast) -> dict[str, str]:
    """Two merchants who give a concession and sign the voucher terms; where the page of each is."""
    page, found = cast.owner.page, {}
    for name, rate in SHOPS.items():
        page.goto(cast.mall.at("/backoffice/sellers/new"))
        page.select_option("[name=kind]", "merchant")
        page.fill("[name=name]", name)
        page.select_option("[name=settlement]", "concession")
        page.fill("[name=rate_ppm]", rate)
        page.fill("[name=licence_name]", name)
        page.fill("[name=licence_number]", "91440106MA59ABCD1M")
        page.locator("main form button, form .bo-actions button").first.click()
        page.wait_for_url(re.compile(r"/backoffice/sellers/\w{26}"))
        found[name] = page.url
        for step in ("open", "vouchers"):
            press(page.locator(f"button[name=step][value={step}]"))
        expect(page.locator("button[name=step][value=no_vouchers]")).to_be_visible()
    cast.owner.see("shop")
    return found


def list_goods(cast: Cast) -> str:
    """A product of each; the address at which the invited may look at the mall."""
    page = cast.owner.page
    for title, (shop, price) in GOODS.items():
        page.goto(cast.mall.at("/backoffice/goods/new"))
        page.fill("[name=title]", title)
        page.fill("[name=description_html]", "商家让利商品。")
        page.select_option("[name=seller]", label=shop)
        for name, value in (("price", price), ("supply", "0"), ("stock", "50")):
            page.locator(f"#grid tbody tr >> nth=0 >> [data-field={name}]").fill(value)
        page.locator("#product-form p.bo-actions button").first.click()
        page.wait_for_selector("form[action$='/shelf']")
        press(page.locator("form[action$='/shelf'] button").first)
    page.goto(cast.mall.at("/backoffice/launch/"))
    return page.locator("input[readonly]").input_value()


def press_step(cast: Cast, step: str) -> None:
    press(cast.owner.page.locator(f"#settings-form button[name=step][value={step}]"))


def open_terms(cast: Cast, start: str = "") -> Page:
    page = cast.owner.page
    page.goto(cast.mall.at(f"/backoffice/settings/subsidy/{start}"))
    page.check("[name=enabled]")
    page.fill("[name=reason]", "全民补贴开业方案")
    return page


def published(cast: Cast) -> str:
    """The number of the newest version of the terms."""
    cast.owner.page.goto(cast.mall.at("/backoffice/settings/subsidy/"))
    return cast.owner.page.locator("[name=expected_number]").input_value()


def publish(cast: Cast) -> None:
    """Press; read the cautions where there are any, and press again."""
    press_step(cast, "publish")
    if cast.owner.page.locator("[name=accept_cautions]").count():
        cast.owner.page.check("[name=accept_cautions]")
        press_step(cast, "publish")


def refused_by_name(cast: Cast) -> None:
    """Terms that do not fund themselves, then good terms without an approval: each refused by its name, nothing published."""
    open_terms(cast).fill("[name=pool_share_ppm]", "39")
    publish(cast)
    expect(cast.owner.page.locator("body")).to_contain_text("补贴池无法自我覆盖")
    cast.owner.see("refused-self-funding")
    assert published(cast) == "0"
    open_terms(cast, "?start=fully_reserved")
    publish(cast)
    expect(cast.owner.page.locator("body")).to_contain_text("须经平台为本商城批准")
    cast.owner.see("refused-without-approval")
    assert published(cast) == "0"


def approve(cast: Cast, installation: Installation) -> None:
    """The platform's operator files the legal opinion and opens the mode for this one mall."""
    email = f"{cast.mall.subdomain}@journey.example"
    installation.run("operator", "add", "--email", email, "--name", "平台运营", "--password", PASSWORD)
    page = cast.operator.page
    page.goto(installation.site("/console/"))
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    press(page.locator("form:has([name=password]) button[type=submit]").first)
    page.goto(installation.site(f"/console/vendors/place/?q={cast.mall.subdomain}"))
    page.locator("table a[href*='/console/malls/']").first.click()
    page.locator("a[href$='/modes/']").first.click()
    page.wait_for_url("**/modes/")
    form = page.locator("form:has(input[name=subject][value=subsidy]):has(input[name=verdict][value=approve])")
    form.locator("[name=reason]").fill("法律意见书已归档 2026-11")
    form.locator("[name=opinion]").fill("锦城律师事务所,法务档案 L-2026-118")
    form.locator("[name=until]").fill((dt.date.today() + dt.timedelta(days=180)).isoformat())
    press(form.locator("button"))
    cast.operator.see("approved")
    expect(page.locator("body")).to_contain_text("L-2026-118")
    for _ in range(60):  # until the fact has arrived in the mall's cell
        if figures(cast, "SELECT count(*) FROM modes_moderuling WHERE subject = 'subsidy' AND is_on") == (1,):
            return
        page.wait_for_timeout(500)
    pytest.fail("the approval never arrived in the mall")


def project_and_publish(cast: Cast) -> None:
    """The fully reserved start, its projection looked at and kept with the draft, and published with it."""
    page = open_terms(cast, "?start=fully_reserved")
    assert page.input_value("[name=pool_share_ppm]") == "60"
    press_step(cast, "project")
    page.wait_for_url("**/backoffice/projection/**")
    expect(page.locator(".bo-charts svg").first).to_be_visible()
    cast.owner.see("projection")
    page.locator("form[action$='/keep'] button").click()
    page.wait_for_url("**/backoffice/settings/subsidy/")
    page.fill("[name=reason]", "全民补贴开业方案")
    cast.owner.see("draft-with-projection")
    publish(cast)
    cast.owner.see("published")
    assert published(cast) == "1"


def buy(cast: Cast, name: str, title: str, *, voucher: str = "") -> str:
    """From the product to paid, part of it by voucher where there is one; the order's ULID."""
    who = cast[name]
    page = who.page
    page.goto(cast.mall.at("/"))
    page.locator(f"a[href*='/p/']:has-text('{title}')").first.click()
    page.wait_for_url("**/p/*")
    page.locator("button[name=then][value=cart]").click()
    page.goto(cast.mall.at("/cart"))
    page.locator("form#buy button").click()
    page.wait_for_url("**/checkout*")
    if page.locator("[name=address]").count() == 0:
        add_address(page, PHONES[name])
    if voucher:
        page.fill("[name=voucher]", voucher)
        press(page.locator("button[name=recount]"))
    who.see("checkout")
    page.locator(".pay-bar button").click()
    page.wait_for_url("**/pay/*")
    order = page.url.split("/pay/")[1].split("?")[0].split("/")[0]
    page.wait_for_selector("#leave")  # the page starts the payment by itself, and shows where to pay
    cashier = who.context.new_page()
    cashier.goto(page.locator("#leave").get_attribute("href"))
    cashier.locator("button[value=pay], button:has-text('支付')").first.click()
    cashier.wait_for_load_state()
    cashier.close()
    page.wait_for_url(f"**/orders/{order}*")
    who.see("paid")
    return order


def add_address(page: Page, phone: str) -> None:
    page.locator("a[href*='/me/addresses/new']").click()
    page.fill("[name=name]", "李明")
    page.fill("[name=phone]", phone)
    page.select_option("[name=province_code]", "440000")
    page.select_option("[name=city_code]", "440100")
    page.select_option("[name=district_code]", "440106")
    page.fill("[name=detail]", "体育西路1号 3栋502")
    page.locator("main form button.btn-block").click()
    page.wait_for_url("**/checkout?*")


def complete(cast: Cast, orders: dict[str, str]) -> None:
    """Ship and receive each (order: who), then the time for returns is over."""
    page = cast.owner.page
    for number, (order, name) in enumerate(orders.items()):
        page.goto(cast.mall.at(f"/backoffice/orders/{order}"))
        page.fill("[name=carrier]", "顺丰速运")
        page.fill("[name=number]", f"SF123456789{number:04d}")
        press(page.locator("form[action$='/ship'] button").first)
        theirs = cast[name].page
        theirs.goto(cast.mall.at(f"/orders/{order}"))
        theirs.once("dialog", lambda dialog: dialog.accept())
        press(theirs.locator("form[action$='/receive'] button"))
    cast.mall.let_time_pass(8)
    for order in orders:
        wait_for(page, cast.mall.at(f"/backoffice/orders/{order}"), "已完成")


def run_period(cast: Cast, number: int) -> None:
    """A week later staff run the period that is due, and once more: the second is refused."""
    with books(cast) as connection:
        connection.execute("UPDATE subsidy_pool SET counted_from = counted_from - interval '7 days'")
    page = cast.owner.page
    for expected in ("本期已执行", "尚未到期"):
        page.goto(cast.mall.at("/backoffice/pool/"))
        press(page.locator("form[action$='/run'] button"))
        expect(page.locator("body")).to_contain_text(expected)
    assert figures(cast, "SELECT max(number), count(*) FROM subsidy_period") == (number, number)


@contextmanager
def books(cast: Cast) -> Iterator[psycopg.Connection]:
    """The tables of the mall themselves."""
    server = Postgres(cast.mall.installation.home)
    with psycopg.connect(server.url("cell_c1", "mallwright_owner"), autocommit=True) as connection:
        found = connection.execute("SELECT schema_name FROM malls_mall WHERE name = %s", [cast.mall.name]).fetchone()
        assert found
        connection.execute(f'SET search_path = "{found[0]}"')
        yield connection


def figures(cast: Cast, query: str) -> tuple[int, ...]:
    """One row of the mall's tables."""
    with books(cast) as connection:
        return tuple(connection.execute(query).fetchone())


def balance(cast: Cast, account: str) -> int:
    """What an account has, from its postings (fen)."""
    query = (
        "SELECT coalesce(sum(p.amount), 0)::bigint FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id"
    )
    return figures(cast, f"{query} WHERE a.code = '{account}' AND a.asset = 'CNY'")[0]


def figure(page: Page, name: str) -> str:
    """A figure that a page shows under this name."""
    return page.locator(f"[data-figure='{name}']").first.inner_text().split("\n")[-1].strip()


def control_room_agrees(cast: Cast, *, fund: int, cohorts: int, vouchers: int) -> None:
    """The control room shows these amounts (fen), they are the book's, and what came in equals their sum."""
    page = cast.owner.page
    page.goto(cast.mall.at("/backoffice/pool/"))
    shown = tuple(figure(page, name) for name in ("book-fund", "book-cohorts", "book-vouchers"))
    assert shown == tuple(display_yuan(one) for one in (fund, cohorts, vouchers))
    assert figure(page, "fund") == display_yuan(fund)
    expect(page.locator("body")).to_contain_text("分毫不差")
    families = (
        "SELECT coalesce(sum(p.amount), 0)::bigint FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id"
    )
    (held,) = figures(cast, f"{families} WHERE a.family = 'cohort' AND a.asset = 'CNY'")
    assert (balance(cast, "pool"), held, balance(cast, "voucher.reserve")) == (fund, cohorts, vouchers)


def vouchers_of(cast: Cast, name: str, *, available: int, last: int, entitled: int, points: int) -> None:
    """The member's own page says so (fen, centi-points)."""
    page = cast[name].page
    page.goto(cast.mall.at("/vouchers"))
    wanted = tuple(display_yuan(one) for one in (available, last, entitled))
    assert tuple(figure(page, one) for one in ("available", "last", "entitled")) == wanted, name
    assert figure(page, "points") == display_yuan(points).replace("¥", "")
    expect(page.locator("body")).to_contain_text("均为上限，非承诺收益")
    cast[name].see("vouchers")


def keep_shop(cast: Cast, shop: str) -> None:
    """The keeper becomes the owner of a shop, by the share code that staff read on his page."""
    page = cast.owner.page
    page.goto(cast.mall.at(f"/backoffice/members/?q={PHONES['keeper']}"))
    page.locator("table a[href*='/backoffice/members/']").first.click()
    page.wait_for_load_state()
    code = page.locator("dl.bo-facts dd code").first.inner_text()
    page.goto(shop)
    page.fill("[name=owner]", code)
    press(page.locator("form:has([name=owner]) button").first)


def refund(cast: Cast, order: str) -> None:
    """The whole order goes back, after everything was handed out."""
    page = cast.owner.page
    page.goto(cast.mall.at(f"/backoffice/orders/{order}"))
    page.locator("#refunds details summary").click()
    page.fill("#refund-why", "包装破损,整单退回")
    press(page.locator("#refunds button[name=whole][value='1']"))
    page.locator("#refunds li a").first.click()
    press(page.locator("button[name=step][value=approve]"))
    cast.owner.see("refund")


def walk(installation: Installation, person: Callable[..., Person]) -> None:
    """The story of the pool, with pictures on the way; every amount as MODES 2 computes it, to the fen."""
    mall = JourneyMall(installation, SUBDOMAIN, MALL_NAME, OWNER, plan=1)
    owner, operator = person("subsidy-owner", phone=False), person("subsidy-operator", phone=False)
    cast = Cast(mall, owner, operator, {name: person(f"subsidy-{name}") for name in PHONES})
    mall.sign_up(owner)
    shops = open_shops(cast)
    preview = list_goods(cast)
    refused_by_name(cast)
    approve(cast, installation)
    project_and_publish(cast)
    for name in PHONES:
        cast[name].page.goto(preview)
        mall.sign_in(cast[name], PHONES[name])
    keep_shop(cast, shops["城南家电行"])

    # 10 000.00 at 20 % and 5 000.00 at 10 %: 2 500.00 given up, 60 % of it in the pool; three flat periods of 25.00.
    complete(cast, {buy(cast, "anna", FRIDGE): "anna", buy(cast, "bo", TEA): "bo"})
    for number in (1, 2, 3):
        run_period(cast, number)
    control_room_agrees(cast, fund=142_500, cohorts=7_500, vouchers=0)
    owner.see("control-room")
    vouchers_of(cast, "anna", available=3_000, last=1_000, entitled=3_000, points=200_000)
    vouchers_of(cast, "bo", available=750, last=250, entitled=750, points=50_000)
    cast["keeper"].page.goto(mall.at("/seller"))
    cast["keeper"].page.locator("a[href$='/money']").first.click()
    assert figure(cast["keeper"].page, "returned") == "¥30.00"
    cast["keeper"].see("shop")
    control_room_agrees(cast, fund=142_500, cohorts=3_750, vouchers=3_750)

    # 60.00 at 10 %, half by voucher: 60 % of 3.00 on the money, and all of 3.00 on the voucher, back into the pool.
    order = buy(cast, "anna", JASMINE, voucher="30")
    vouchers_of(cast, "anna", available=0, last=1_000, entitled=3_000, points=200_000)
    complete(cast, {order: "anna"})
    wait_for(owner.page, mall.at("/backoffice/pool/"), r"1,429\.80")
    control_room_agrees(cast, fund=142_980, cohorts=3_750, vouchers=750)
    refund(cast, order)
    wait_for(cast["anna"].page, mall.at("/vouchers"), r"¥30\.00")
    wait_for(owner.page, mall.at("/backoffice/pool/"), r"1,425\.00")
    vouchers_of(cast, "anna", available=3_000, last=1_000, entitled=3_000, points=200_000)
    control_room_agrees(cast, fund=142_500, cohorts=3_750, vouchers=3_750)
    owner.see("control-room-after")
    announce_new_terms(cast)
    said = [error for one in (owner, operator, *cast.people.values()) for error in one.errors]
    assert [error for error in said if "422" not in error] == []
    mall.trial_balance_is_zero()


def announce_new_terms(cast: Cast) -> None:
    """While lots run, terms without seven days' notice are refused; with it members see them announced."""
    open_terms(cast).fill("[name=growth_cap_ppm]", "10")
    publish(cast)
    expect(cast.owner.page.locator("body")).to_contain_text("新条款须提前七天公示")
    assert published(cast) == "1"
    page = open_terms(cast)
    page.fill("[name=growth_cap_ppm]", "10")
    start = dt.datetime.now() + dt.timedelta(days=9)
    page.fill("[name=effective_from]", start.strftime("%Y-%m-%dT00:00"))
    publish(cast)
    cast.owner.see("second-terms")
    assert published(cast) == "2"
    wait_for(cast["bo"].page, cast.mall.at("/vouchers"), f"新条款于{start:%Y-%m-%d}")
    cast["bo"].see("announced")
