"""Orders, refunds, members and money rules in the console."""

import pytest
from django.urls import reverse

from saas.identity.models import AuditRecord
from saas.kernel.money import format_yuan
from tenant_apps.modes import selectors as modes
from tenant_apps.orders.models import Order, Refund
from tests.factories import catalog, orders
from tests.factories.people import make_member


@pytest.fixture
def order(grocery):
    return orders.paid(make_member(name="王小明"), (catalog.single(stock=10), 2))


def at(name, ulid):
    return reverse(f"backoffice:{name}", args=[ulid])


def test_an_order_is_found_and_shipped(clerk, order):
    assert order.number in clerk.get(f"/backoffice/orders/?state=paid&q={order.number}").content.decode()
    clerk.post(at("order_ship", order.ulid), {"carrier": "顺丰速运", "number": "SF1234567890"})
    order.refresh_from_db()
    assert (order.state, order.carrier, order.tracking_number) == ("shipped", "顺丰速运", "SF1234567890")
    page = clerk.get(at("order", order.ulid)).content.decode()
    assert "SF1234567890" in page


@pytest.mark.parametrize("wrong", [{"carrier": "", "number": "SF1234567890"}, {"carrier": "顺丰", "number": "?"}])
def test_shipping_without_carrier_or_number_is_refused(clerk, order, wrong):
    clerk.post(at("order_ship", order.ulid), wrong)
    order.refresh_from_db()
    assert order.state == "paid"


def test_shipping_twice_is_refused(clerk, order):
    for number in ("SF1234567890", "SF0987654321"):
        clerk.post(at("order_ship", order.ulid), {"carrier": "顺丰", "number": number})
    order.refresh_from_db()
    assert order.tracking_number == "SF1234567890"


def test_an_unpaid_order_is_cancelled_with_a_reason(clerk, grocery):
    sku = catalog.single(stock=10)
    placed = orders.placed(make_member(), (sku, 3))
    clerk.post(at("order_cancel", placed.ulid), {"reason": "买家电话要求"})
    placed.refresh_from_db()
    sku.refresh_from_db()
    assert (placed.state, sku.stock) == ("cancelled", 10)


def test_staff_refund_a_line_and_approve_it(clerk, order):
    line = order.lines.get()
    clerk.post(at("order_refund", order.ulid), {"reason": "少发一件", f"qty-{line.ulid}": "1", "whole": "0"})
    case = Refund.objects.get()
    assert (case.state, case.amount) == ("requested", 1000)
    assert case.ulid in clerk.get("/backoffice/refunds/").content.decode()
    assert clerk.get(at("refund", case.ulid)).status_code == 200
    clerk.post(at("refund_decide", case.ulid), {"step": "approve", "restock": "1"})
    case.refresh_from_db()
    order.refresh_from_db()
    assert (case.state, order.refunded_amount) == ("approved", 1000)


def test_refund_above_what_was_paid_is_refused(clerk, order):
    line = order.lines.get()
    url = at("order_refund", order.ulid)
    for wrong in (
        {f"qty-{line.ulid}": "3"},
        {f"qty-{line.ulid}": "1", f"amount-{line.ulid}": "20.01"},
        {f"qty-{line.ulid}": "x"},
        {},
    ):
        clerk.post(url, {"reason": "x", "whole": "0", **wrong})
    clerk.post(url, {"reason": "", "whole": "1"})
    assert not Refund.objects.exists()


def test_refusing_a_refund_needs_a_reason(clerk, order):
    clerk.post(at("order_refund", order.ulid), {"reason": "不想要了", "whole": "1"})
    case = Refund.objects.get()
    assert case.amount == order.total_amount
    clerk.post(at("refund_decide", case.ulid), {"step": "refuse", "note": " "})
    case.refresh_from_db()
    assert case.state == "requested"
    clerk.post(at("refund_decide", case.ulid), {"step": "refuse", "note": "已发出"})
    case.refresh_from_db()
    assert (case.state, case.decision) == ("refused", "已发出")


def test_who_got_what_is_shown(rehearsing, clerk, finance, owner, drain):
    promoter = make_member(name="李四", promoter=True)
    buyer = make_member(name="王小明", referrer=promoter)
    owner.post("/backoffice/settings/distribution/", rules())
    order = orders.paid(buyer, (catalog.single(price=10000, supply=4000), 1))
    drain()
    page = clerk.get(at("order", order.ulid)).content.decode()
    assert "李四" in page
    assert "¥5.00" in page
    member = clerk.get(at("member", promoter.ulid)).content.decode()
    assert order.number in member
    assert "¥5.00" in member


def test_referrer_is_changed_with_a_reason_and_audited(clerk, grocery):
    elder, younger = make_member(name="A"), make_member(name="B")
    url = at("member_referrer", younger.ulid)
    clerk.post(url, {"share_code": elder.share_code, "reason": ""})
    clerk.post(url, {"share_code": "zzzzzzzz", "reason": "x"})
    clerk.post(at("member_referrer", elder.ulid), {"share_code": younger.share_code, "reason": "loop"})
    younger.refresh_from_db()
    elder.refresh_from_db()
    assert (younger.referrer, elder.referrer) == (None, None)
    clerk.post(url, {"share_code": elder.share_code, "reason": "线下登记"})
    younger.refresh_from_db()
    assert younger.referrer == elder
    assert AuditRecord.objects.filter(target=f"member:{younger.ulid}", reason="线下登记").exists()


def test_promoter_is_approved(clerk, grocery):
    member = make_member()
    clerk.post(at("member_promoter", member.ulid), {"step": "approve"})
    member.refresh_from_db()
    assert member.promoter


def rules(**changes):
    values = {"enabled": "on", "rate_ppm_1": "5", "rate_ppm_2": "2", "rate_ppm_3": "", "base": "paid",
              "who_promotes": "approved", "bind_when": "first_click", "bind_days": "0", "overrides": "", "withdraw_min_fen": "100", "seller_least_ppm": "0", "seller_most_ppm": "0", "withdraw_fee_ppm": "7",
              "fixed_fen_1": "", "fixed_fen_2": "", "fixed_fen_3": "", "reason": "开业", "expected_number": "0", "accept_cautions": "on"}  # fmt: skip
    return {**values, **changes}


def versions():
    return modes.history(mode="distribution").count()


def test_money_rules_are_published_as_versions(rehearsing, owner, finance):
    assert owner.post("/backoffice/settings/distribution/", rules()).status_code == 302
    assert modes.history(mode="distribution").first().values["rate_ppm"] == [50_000, 20_000]
    again = rules(rate_ppm_1="8", reason="活动", expected_number="1")
    assert owner.post("/backoffice/settings/distribution/", again).status_code == 302
    page = finance.get("/backoffice/settings/distribution/").content.decode()
    assert "活动" in page
    first = modes.history(mode="distribution").last()
    owner.post(
        reverse("backoffice:settings_roll_back", args=["distribution", first.ulid]),
        {"reason": "撤回", "accept_cautions": "1"},
    )
    newest = modes.history(mode="distribution").first()
    assert (newest.number, newest.values["rate_ppm"]) == (3, [50_000, 20_000])


@pytest.mark.parametrize(
    "changes",
    [
        {"rate_ppm_1": "51"},
        {"rate_ppm_1": "-1"},
        {"rate_ppm_1": "abc"},
        {"rate_ppm_1": "", "rate_ppm_2": "3"},
        {"rate_ppm_3": "1"},
        {"reason": ""},
        {"withdraw_min_fen": "0"},
        {"expected_number": "7"},
    ],
)
def test_money_rules_outside_range_or_law_are_refused(owner, changes):
    answer = owner.post("/backoffice/settings/distribution/", rules(**changes))
    assert answer.status_code == 422
    assert "bo-error" in answer.content.decode() or "bo-note" in answer.content.decode()
    assert versions() == 0


def test_money_rules_that_pay_more_than_a_sale_leaves_are_refused(owner):
    catalog.single("薄利", price=1000, supply=980)
    answer = owner.post("/backoffice/settings/distribution/", rules())
    assert answer.status_code == 422
    assert "薄利" in answer.content.decode()
    assert versions() == 0


def test_cautions_are_read_before_publishing(owner):
    answer = owner.post("/backoffice/settings/distribution/", rules(accept_cautions=""), HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 422
    assert "Article 7" in answer.content.decode()
    assert "I have read the cautions" in answer.content.decode()
    assert versions() == 0


def test_finance_reads_the_rules_and_does_not_publish(finance):
    assert finance.post("/backoffice/settings/distribution/", rules()).status_code == 422
    assert versions() == 0


def test_books_show_the_trial_balance_and_what_does_not_clear(finance, order):
    page = finance.get("/backoffice/money/?check=1").content.decode()
    assert "bo-note-good" in page
    orders.fund(Order.objects.get(), amount=777)
    page = finance.get("/backoffice/money/").content.decode()
    assert "¥7.77" in page
    lines = finance.get(f"/backoffice/money/statement?account=order.escrow.{order.ulid}").content.decode()
    assert f"¥{format_yuan(order.total_amount)}" in lines
    assert finance.get("/backoffice/money/statement?account=nonsense").status_code == 200
