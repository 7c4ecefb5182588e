"""Wallet and withdrawal pages: sentences, the fee before the request, refusals beside their fields."""

import re

import pytest
from django.conf import settings as django_settings
from django.utils.translation import trans_real

from saas.kernel import clock
from saas.ledger import services as ledger
from saas.runtime.messages import compile_messages
from tenant_apps.members.models import Member
from tenant_apps.payouts import services as payouts
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.sellers import services as seller_services
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import PaidOrder
from tests.factories import orders, sales, sellers
from tests.factories.browser import MallClient
from tests.factories.people import make_member

PAGES = ["/wallet", "/wallet/statement", "/withdraw"]
SOLD: list[PaidOrder] = []
SENT = {"amount": "200", "real_name": "王小明", "bank_name": "招商银行", "account": "6225 8888 1234 5678"}


@pytest.fixture
def earner(grocery: object) -> Member:
    """500.00 released, 2.50 frozen."""
    member = make_member(name="王小明", promoter=True)
    buyer = make_member(name="李四光", referrer=member)
    pins = {"distribution": sales.publish().ulid}
    big = sales.paid_order(buyer, [member], [sales.line(1_000_000, title="红木茶盘")], pins=pins)
    SOLD[:] = [big]
    settlement.release_order(order=big, now=sales.NOW)
    settlement.award_order(order=sales.paid_order(buyer, [member], [sales.line(5_000)], pins=pins), now=sales.NOW)
    return member


@pytest.fixture
def browser(earner: Member) -> MallClient:
    client = MallClient()
    client.force_login(earner.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_somebody(grocery: object, path: str) -> None:
    assert MallClient().get(path).status_code == 302


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_opens_in_both_languages(browser: MallClient, path: str, language: str) -> None:
    answer = browser.get(path, HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "¥500.00" in text
    assert not re.search(r"\{\w+\}", text)


def test_wallet_tells_why_and_until_when(browser: MallClient) -> None:
    text = browser.get("/wallet", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "李*光 in your team bought “红木茶盘”" in text
    assert "5% of ¥10000.00 paid in money is ¥500.00" in text
    assert "Frozen until 7 days after the goods are received" in text


@pytest.mark.parametrize("path", PAGES)
def test_page_in_chinese_has_no_english_sentence(browser: MallClient, path: str) -> None:
    compile_messages()
    trans_real._translations.clear()
    answer = browser.get(path, HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    main = re.search(r"<main.*</main>", answer, re.S)
    text = re.sub(r"<[^>]+>", " ", main.group() if main else "")
    assert text
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,}", text), text


def test_fee_is_shown_before_anything_is_asked(browser: MallClient) -> None:
    key = re.search(r'name="key" value="(\w+)"', browser.get("/withdraw").content.decode()).group(1)  # type: ignore[union-attr]
    shown = browser.post("/withdraw", SENT | {"key": key})
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "¥14.00" in text and "¥186.00" in text and "6225888812345678" not in re.sub(r"<input[^>]+>", "", text)
    assert not Withdrawal.objects.exists()
    for _ in range(2):  # a double click
        answer = browser.post("/withdraw", SENT | {"key": key, "fee": "1400"})
        assert (answer.status_code, answer["Location"]) == (302, "/withdraw")
    row = Withdrawal.objects.get()
    assert (row.amount, row.fee_amount) == (20_000, 1_400)
    assert "**** 5678" in browser.get("/withdraw").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "abc"}, "amount"),
        ({"amount": "99.99"}, "amount"),
        ({"amount": "500.01"}, "amount"),
        ({"real_name": "1"}, "real_name"),
        ({"account": "x"}, "account"),
        ({"fee": "1"}, "amount"),
    ],
)
def test_refusal_stands_beside_its_field_and_nothing_is_asked(browser: MallClient, change: dict, field: str) -> None:
    answer = browser.post("/withdraw", SENT | {"key": "key-0001"} | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Withdrawal.objects.exists()


def test_reason_of_a_rejection_is_read(browser: MallClient, earner: Member) -> None:
    browser.post("/withdraw", SENT | {"key": "key-0001", "fee": "1400"})
    payouts.reject(actor="user:01STAFF", ulid=Withdrawal.objects.get().ulid, reason="户名不符", now=clock.now())
    assert "户名不符" in browser.get("/withdraw").content.decode()


def test_a_request_can_be_taken_back_by_its_owner_only(browser: MallClient, earner: Member) -> None:
    browser.post("/withdraw", SENT | {"key": "key-0001", "fee": "1400"})
    row = Withdrawal.objects.get()
    other = MallClient()
    other.force_login(make_member().user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    assert other.post(f"/withdraw/{row.ulid}/cancel").status_code == 404
    assert browser.post(f"/withdraw/{row.ulid}/cancel").status_code == 302
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_wallet_shows_earnings_by_rule_as_bars(browser: MallClient) -> None:
    text = browser.get("/wallet", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "By rule" in text and "¥502.50" in text and "¥500.00 released, ¥2.50 frozen" in text


def test_an_award_is_told_in_detail_to_its_payee_alone(browser: MallClient, earner: Member) -> None:
    award = Award.objects.get(state="frozen")
    text = browser.get(f"/wallet/award/{award.ulid}", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    for part in ("李*光", "¥50.00", "5%", "¥2.50", "version 1", "7 days after the goods are received"):
        assert part in text, part
    assert "李四光" not in text
    other = MallClient()
    other.force_login(make_member().user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    assert other.get(f"/wallet/award/{award.ulid}").status_code == 404
    assert MallClient().get(f"/wallet/award/{award.ulid}").status_code == 302


def test_a_debt_is_explained_with_the_order_it_comes_from(browser: MallClient, earner: Member) -> None:
    big = Award.objects.get(state="released")
    order = next(one for one in SOLD if one.ulid == big.line.settlement.order_ulid)
    spent = [ledger.Move(f"member.wallet.{earner.ulid}", "bank", 50_000)]
    ledger.post_entry(key="spent", kind="test", moves=spent, document="test", occurred_at=sales.NOW)
    refund = sales.refund_of(order.lines[0], 100_000)
    settlement.apply_refund(order=order, refund=refund, now=sales.NOW)
    text = browser.get("/wallet", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "¥50.00 will be kept back" in text
    assert f"order {order.number} was refunded, ¥50.00 of your award" in text
    assert "¥2.50 is frozen for you and will settle it first" in text
    refused = browser.post("/withdraw", {**SENT, "key": "k" * 26, "fee": ""}, HTTP_ACCEPT_LANGUAGE="en")
    assert refused.status_code == 409 and "to be kept back after a refund" in refused.content.decode()


def test_a_wallet_of_nobody_says_what_will_come(grocery: object) -> None:
    other = MallClient()
    other.force_login(make_member().user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    text = other.get("/wallet", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Nothing here yet" in text and "By rule" not in text


def test_a_seller_sees_what_became_of_his_own_lines_and_nobody_elses_awards(grocery: object) -> None:
    promoter = make_member(name="钱小二", promoter=True)
    buyer = make_member(name="孙小三", referrer=promoter)
    owner = make_member(name="周店主")
    seller_services.file_edi_licence(number="EDI-440100", valid_until=None, actor="system", now=clock.now())
    shop = sellers.opened(owner=owner.ulid)
    sales.publish(now=clock.now())
    sku = sellers.goods(shop, price=10_000)
    order = orders.paid(buyer, (sku, 1))
    settlement.award_order(order=facts.paid_order(order.ulid), now=clock.now())
    client = MallClient()
    client.force_login(owner.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    text = client.get(f"/wallet/sale/{order.ulid}", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    for part in ("龙井", "¥100.00", "¥95.00", "For your shop"):
        assert part in text, part
    for hidden in ("钱", "孙", "¥33.33", "level 1"):
        assert hidden not in text, hidden
    other = MallClient()
    other.force_login(buyer.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    assert other.get(f"/wallet/sale/{order.ulid}").status_code == 404
