"""Pages that explain money: awards, who got what, documents of the book, the house, debts; and who may see which."""

import datetime as dt
import io
import zipfile

import pytest

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.ledger import services as ledger
from tenant_apps.settlement import services
from tenant_apps.settlement.models import Award
from tests.factories import sales
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff

NOW = sales.NOW
LATER = NOW + dt.timedelta(days=20)


@pytest.fixture
def order(grocery):
    """100.00 bought by 孙小三; 钱小二 has 5.00, his referrer is no promoter; half of it was refunded after release."""
    a = make_member(name="赵一")
    b = make_member(name="钱小二", referrer=a, promoter=True)
    buyer = make_member(name="孙小三", referrer=b)
    pins = {"distribution": sales.publish().ulid}
    order = sales.paid_order(buyer, [b], [sales.line(10_000, 6_000, title="Green tea")], pins=pins)
    services.release_order(order=order, now=LATER)
    spent = [ledger.Move(f"member.wallet.{b.ulid}", "bank", 400)]
    ledger.post_entry(key="spent", kind="test", moves=spent, document="test", occurred_at=NOW)
    refund = sales.refund_of(order.lines[0], 5_000)
    services.apply_refund(order=order, refund=refund, now=LATER)
    return order


def page(path, *roles):
    client = MallClient()
    client.force_login(make_staff(*roles))
    return client.get(f"/backoffice/{path}", headers={"accept-language": "en"})


def text(answer):
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_the_trace_of_an_order_shows_rule_version_figures_entries_and_refunds(order):
    shown = text(page(f"orders/{order.ulid}/shares", Role.FINANCE))
    award = Award.objects.get()
    for part in (
        "Green tea", "Adds up", "钱小二", "5% of ¥100.00", "Settings version 1", f"award-{award.ulid}",
        award.hold_key, award.release_key, f"order:{order.ulid}", "¥2.50 taken back", "¥1.50 as a debt",
        "nobody could claim it", "settle:", "refund:",
    ):  # fmt: skip
        assert part in shown, part


def test_the_auditor_sees_the_same_without_names_and_changes_nothing(order):
    shown = text(page(f"orders/{order.ulid}/shares", Role.AUDITOR))
    assert "钱*二" in shown and "钱小二" not in shown and "5% of ¥100.00" in shown
    assert text(page("awards/", Role.AUDITOR)).count("钱小二") == 0
    assert page("money/", Role.AUDITOR).status_code == 200
    assert page("audit/", Role.AUDITOR).status_code == 200
    for forbidden in ("orders/", "members/", "withdrawals/", "channel/", "staff/", f"orders/{order.ulid}"):
        assert page(forbidden, Role.AUDITOR).status_code == 403, forbidden


@pytest.mark.parametrize("path", ["awards/", "awards/file", "house/", "debts/", "money/document?document=x"])
def test_goods_and_orders_roles_have_no_business_with_the_awards(order, path):
    assert page(path, Role.GOODS).status_code == 403
    assert page(path, Role.ORDERS).status_code == 403


def test_the_list_is_filtered_and_summed(order):
    shown = text(page(f"awards/?mode=distribution&kind=level1&payee=钱小&order={order.number.lower()}", Role.FINANCE))
    assert "¥5.00" in shown and "¥2.50" in shown and order.number in shown
    for nothing in ("mode=regional", "kind=level2", "state=frozen", "payee=nobody", "order=M1", "since=2999-01-01"):
        assert "Nothing found." in text(page(f"awards/?{nothing}", Role.FINANCE)), nothing
    assert "2026" in text(page("awards/?since=not-a-day&until=2026-13-45", Role.FINANCE))


def test_the_file_has_the_same_rows_and_is_recorded(order):
    answer = page("awards/file?mode=distribution", Role.FINANCE)
    assert answer["Content-Disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 2
    for part in ("钱小二", order.number, "<v>5</v>", "<v>2.5</v>", "50000"):
        assert part in sheet, part
    assert AuditRecord.objects.get(action="awards.exported").data == {"mode": "distribution"}


def test_a_document_of_the_book_leads_to_the_order(order):
    shown = text(page(f"money/document?document=order:{order.ulid}", Role.FINANCE))
    assert f"/orders/{order.ulid}/shares" in shown and "own_goods" in shown
    assert "belongs to this document" in text(page("money/document?document=order:none", Role.FINANCE))


def test_an_award_leads_to_its_place_on_the_orders_page(order):
    award = Award.objects.get()
    answer = page(f"awards/{award.ulid}", Role.FINANCE)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/orders/{order.ulid}/shares#award-{award.ulid}")
    assert page("awards/none", Role.FINANCE).status_code == 404


def test_the_house_page_says_why(order):
    other = sales.paid_order(make_member(), [make_member(promoter=True)], [sales.line(10_000, 6_000)], pins=order.pins)
    services.award_order(order=other, now=NOW)
    shown = text(page("house/", Role.FINANCE))
    assert "level 2" in shown and "nobody could claim it" in shown
    assert "¥2.00" in shown and "¥35.00" in shown
    assert "The sale cost the mall more than it brought" in shown
    assert order.number in shown and other.number in shown


def test_the_debts_page_says_who_since_when_and_why(order):
    shown = text(page("debts/", Role.FINANCE))
    assert "钱小二" in shown and "¥1.50" in shown and order.number in shown and "2026-12-12" in shown
    assert "钱小二" not in text(page("debts/", Role.AUDITOR))


def test_empty_pages_say_so(grocery):
    assert "Nobody has earned anything yet" in text(page("awards/", Role.FINANCE))
    assert "No order has been paid yet" in text(page("house/", Role.FINANCE))
    assert "Nobody owes anything" in text(page("debts/", Role.FINANCE))
    assert page("orders/none/shares", Role.FINANCE).status_code == 404
