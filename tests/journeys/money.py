"""Who earns what, why and when: four rules switched on, refused, corrected and previewed; a sale, a refund, every payee."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.journeys.conftest import Installation, Person
from tests.journeys.line import buy
from tests.journeys.steps import JourneyMall, press, wait_for

OWNER = "13900000020"
PHONES = {"anna": "13900000021", "bo": "13900000022", "chen": "13900000023", "shopper": "13900000024", "agent": "13900000025", "keeper": "13900000026"}  # fmt: skip


@dataclass
class Cast:
    """Everybody with a browser, and the share code of each member."""

    mall: JourneyMall
    owner: Person
    people: dict[str, Person]
    codes: dict[str, str]

    def __getitem__(self, name: str) -> Person:
        return self.people[name]


def join(cast: Cast, name: str, start: str) -> str:
    """A member signs up from `start`, and applies to promote; the link that he shares."""
    who = cast[name]
    who.page.goto(start)
    cast.mall.sign_in(who, PHONES[name])
    who.page.goto(cast.mall.at("/team"))
    press(who.page.locator("form[action*='promot'] button").first)
    who.page.goto(cast.mall.at("/poster"))
    link = re.search(r"http://[^\s\"'<>]+[?&]r=([\w-]+)", who.page.content())
    assert link
    cast.codes[name] = link.group(1)
    return link.group()


def open_member(cast: Cast, name: str) -> None:
    """The owner looks a member up by phone and opens his page."""
    cast.owner.page.goto(cast.mall.at(f"/backoffice/members/?q={PHONES[name]}"))
    cast.owner.page.locator("table a[href*='/backoffice/members/']").first.click()
    cast.owner.page.wait_for_load_state()


def open_store(cast: Cast, name: str, *, settlement: str = "commission", rate: str = "30") -> str:
    """Staff enter a store that pays 30 % commission, or under these terms; where its page is."""
    page = cast.owner.page
    page.goto(cast.mall.at("/backoffice/sellers/new"))
    page.select_option("[name=kind]", "store")
    page.fill("[name=name]", name)
    page.select_option("[name=settlement]", settlement)
    page.fill("[name=rate_ppm]", rate)
    page.fill("[name=area_code]", "440106")
    page.fill("[name=licence_name]", name)
    page.fill("[name=licence_number]", "91440106MA59ABCD1M")
    page.locator("main form button, form .bo-actions button").first.click()
    page.wait_for_url(re.compile(r"/backoffice/sellers/\w{26}"))
    press(page.locator("button[name=step][value=open]"))
    cast.owner.see("store")
    return page.url


def keep_store(cast: Cast, store: str) -> None:
    """The keeper becomes the owner of the store, by his share code."""
    page = cast.owner.page
    page.goto(store)
    page.fill("[name=owner]", cast.codes["keeper"])
    press(page.locator("form:has([name=owner]) button").first)


def list_goods(cast: Cast, seller: str) -> str:
    """A product of the store, or without one the mall's own; the address at which strangers may look at it."""
    page = cast.owner.page
    page.goto(cast.mall.at("/backoffice/goods/new"))
    page.fill("[name=title]", "手冲咖啡豆 200克")
    page.fill("[name=subtitle]", "社区店现烘")
    page.fill("[name=description_html]", "门店当周烘焙。")
    if seller:
        page.select_option("[name=seller]", label=seller)
    for name, value in (("price", "100"), ("supply", "0" if seller else "40"), ("stock", "50")):
        page.locator(f"#grid tbody tr >> nth=0 >> [data-field={name}]").fill(value)
    page.locator("#product-form p.bo-actions button").first.click()
    page.wait_for_selector("form[action$='/shelf']")
    press(page.locator("form[action$='/shelf'] button").first)
    cast.owner.see("goods-of-the-store")
    page.goto(cast.mall.at("/backoffice/launch/"))
    return page.locator("input[readonly]").input_value()


def publish(cast: Cast, mode: str, **values: str) -> None:
    """Publish a rule with these values; cautions, where there are any, are read."""
    page = cast.owner.page
    page.goto(cast.mall.at(f"/backoffice/settings/{mode}/"))
    for name, value in values.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=reason]", "开业方案")
    press_step(cast, "publish")
    if page.locator("[name=accept_cautions]").count():
        page.check("[name=accept_cautions]")
        press_step(cast, "publish")
    cast.owner.see(f"published-{mode}")
    page.goto(cast.mall.at(f"/backoffice/settings/{mode}/"))
    assert page.locator("[name=expected_number]").input_value() == "1", mode


def press_step(cast: Cast, step: str) -> None:
    press(cast.owner.page.locator(f"#settings-form button[name=step][value={step}]"))


def refused_then_previewed(cast: Cast) -> None:
    """Distribution at 10 % and 5 % would, with the rest, pay more than the sale leaves: refused, named; 5 % and 2 % fit."""
    page = cast.owner.page
    page.goto(cast.mall.at("/backoffice/settings/distribution/"))
    page.fill("[name=rate_ppm_1]", "10")
    page.fill("[name=rate_ppm_2]", "5")
    page.fill("[name=reason]", "试试更高的佣金")
    press_step(cast, "publish")
    cast.owner.see("worst-case-refused")
    expect(page.locator("body")).to_contain_text("手冲咖啡豆")
    page.goto(cast.mall.at("/backoffice/settings/distribution/"))
    assert page.locator("[name=expected_number]").input_value() == "0", "a refusal publishes nothing"
    page.fill("[name=rate_ppm_1]", "5")
    page.fill("[name=rate_ppm_2]", "2")
    page.fill("[name=reason]", "开业方案")
    press_step(cast, "preview")
    cast.owner.see("preview")
    expect(page.locator("#answer, main").first).to_be_visible()
    publish(cast, "distribution", rate_ppm_1="5", rate_ppm_2="2")


def rank(cast: Cast, name: str, value: str) -> None:
    open_member(cast, name)
    form = cast.owner.page.locator("form[action$='/ranks']")
    form.locator("[name=rank]").select_option(value)
    form.locator("[name=reason]").fill("开业前的老客户")
    press(form.locator("button"))


def bind(cast: Cast, name: str, store: str) -> None:
    open_member(cast, name)
    form = cast.owner.page.locator("form[action$='/store']")
    form.locator("[name=store]").select_option(label=store)
    form.locator("[name=reason]").fill("到店注册")
    press(form.locator("button"))


def hold_district(cast: Cast) -> None:
    """The agent's contract for 天河区, signed on paper."""
    page = cast.owner.page
    page.goto(cast.mall.at("/backoffice/regions/?at=4401"))
    page.locator("form:has(input[name=code][value='440106']) button").click()
    page.wait_for_url(re.compile(r"/backoffice/regions/areas/"))
    holder = page.locator("form:has(input[name=step][value=holder])")
    for name, value in (
        ("share_code", cast.codes["agent"]),
        ("licence_company", "广州市天河区安居商贸有限公司"),
        ("licence_number", "91440106MA59ABCD1M"),
        ("paper_number", "QY-2026-001"),
        ("invested_amount", "30000"),
        ("reason", "开业签约"),
    ):
        holder.locator(f"[name={name}]").fill(value)
    holder.locator("[name=licence_checked]").check()
    press(holder.locator("button"))
    cast.owner.see("area")
    expect(page.locator("body")).to_contain_text("安居商贸")


def refund_half(cast: Cast, order: str) -> None:
    """One of the two pieces goes back after everything was handed out."""
    page = cast.owner.page
    page.goto(cast.mall.at(f"/backoffice/orders/{order}"))
    page.locator("#refunds details summary").click()
    page.locator("#refunds input[name^=qty-]").first.fill("1")
    page.fill("#refund-why", "其中一件包装破损")
    press(page.locator("#refunds button[name=whole][value='0']"))
    page.locator("#refunds li a").first.click()
    press(page.locator("button[name=step][value=approve]"))
    cast.owner.see("refund")


# What each payee gets of ¥200.00 (fen), and what his sentences say; half of it is taken back later.
PAYEES = {
    "chen": (2_000, "分销.*级差|级差.*分销"),
    "bo": (1_400, "分销.*级差|级差.*分销"),
    "agent": (600, "天河区|区域"),
}


def walk(installation: Installation, person: Callable[..., Person]) -> None:
    """The story of who earns what, with pictures on the way; ends with the books checked."""
    mall = JourneyMall(installation, "linli", "邻里集", OWNER, plan=1)
    owner = person("money-owner", phone=False)
    cast = Cast(mall, owner, {name: person(f"money-{name}") for name in PHONES}, {})
    mall.sign_up(owner)
    store = open_store(cast, "老街咖啡店")
    open_store(cast, "幸福里便利店")
    preview = list_goods(cast, "老街咖啡店")
    publish(cast, "differential", max_depth="2")  # a mall that sells through WeChat rewards two steps at most
    for mode in ("regional", "store_income"):
        publish(cast, mode)
    refused_then_previewed(cast)
    owner.page.goto(mall.at("/backoffice/modes/"))
    owner.see("modes")

    for name in ("keeper", "agent"):
        join(cast, name, preview)
    share = join(cast, "anna", preview)
    for name in ("bo", "chen", "shopper"):
        cast[name].page.goto(preview)
        share = join(cast, name, share)
    keep_store(cast, store)
    rank(cast, "chen", "1")
    rank(cast, "bo", "3")
    bind(cast, "shopper", "幸福里便利店")
    hold_district(cast)

    order = buy(mall, cast["shopper"], quantity=2)
    for name, (amount, word) in PAYEES.items():
        wait_for(cast[name].page, mall.at("/wallet"), rf"冻结中\s+¥{amount / 100:.2f}")
        assert re.search(word, cast[name].page.locator("body").inner_text(), re.DOTALL), name
        cast[name].see("frozen")
    owner.page.goto(mall.at(f"/backoffice/orders/{order}"))
    owner.page.fill("[name=carrier]", "顺丰速运")
    owner.page.fill("[name=number]", "SF1234567890124")
    press(owner.page.locator("form[action$='/ship'] button").first)
    shopper = cast["shopper"].page
    shopper.goto(mall.at(f"/orders/{order}"))
    shopper.on("dialog", lambda dialog: dialog.accept())
    press(shopper.locator("form[action$='/receive'] button"))
    mall.let_time_pass(8)
    wait_for(owner.page, mall.at(f"/backoffice/orders/{order}"), "已完成")
    owner.page.goto(mall.at(f"/backoffice/orders/{order}/shares"))
    owner.see("who-got-what")
    cast["keeper"].page.goto(mall.at("/seller"))
    cast["keeper"].see("seller")
    expect(cast["keeper"].page.locator("body")).to_contain_text("140.00")

    refund_half(cast, order)
    for name, (amount, _word) in PAYEES.items():
        wait_for(cast[name].page, mall.at("/wallet"), rf"可提现\s+¥{amount / 200:.2f}")
        assert "因部分退款扣回" in cast[name].page.locator("body").inner_text(), name
        cast[name].see("clawed-back")
    wait_for(owner.page, mall.at(f"/backoffice/orders/{order}/shares"), r"70\.00")
    owner.see("who-got-what-after")
    said = [error for one in (owner, *cast.people.values()) for error in one.errors]
    assert [error for error in said if "422" not in error] == []
    mall.trial_balance_is_zero()
