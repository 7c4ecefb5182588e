"""Who earns what over HTTP: the same figures as the pages, and the same readers."""

import pytest

from saas.identity.roles import Role
from tenant_apps.settlement import services
from tests.factories import sales
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff

NOW = sales.NOW


@pytest.fixture
def order(grocery):
    b = make_member(name="钱小二", promoter=True)
    buyer = make_member(name="孙小三", referrer=b)
    pins = {"distribution": sales.publish().ulid}
    order = sales.paid_order(buyer, [b], [sales.line(10_000, 6_000)], pins=pins)
    services.award_order(order=order, now=NOW)
    return order


def ask(path, user=None):
    client = MallClient()
    if user is not None:
        client.force_login(user)
    return client.get(f"/api/settlement/{path}")


def test_staff_read_the_trace_of_an_order(order):
    found = ask(f"orders/{order.ulid}", make_staff(Role.FINANCE)).json()
    line = found["lines"][0]
    assert (line["left"], [term["amount"] for term in line["terms"]], line["adds_up"]) == (
        10_000, [6_000, 500, 3_500], True,
    )  # fmt: skip
    award = line["awards"][0]
    assert (award["view"]["amount"], award["rate_ppm"], award["base_amount"]) == (500, 50_000, 10_000)
    assert (award["view"]["payee"], award["view"]["state"]) == ("钱小二", "frozen")
    assert line["unclaimed"][0][1:] == ["level2", 200]
    assert ask("orders/none", make_staff(Role.FINANCE)).status_code == 404


def test_an_auditor_reads_it_masked(order):
    found = ask(f"orders/{order.ulid}", make_staff(Role.AUDITOR)).json()
    assert found["lines"][0]["awards"][0]["view"]["payee"] == "钱*二"
    assert ask("awards", make_staff(Role.AUDITOR)).json()["awards"][0]["payee"] == "钱*二"


@pytest.mark.parametrize("path", ["orders/{}", "awards"])
def test_nobody_else_reads_it(order, path):
    path = path.format(order.ulid)
    assert ask(path).status_code == 401
    assert ask(path, make_staff(Role.GOODS)).status_code == 403
    assert ask(path, make_member().user).status_code == 403


def test_awards_are_filtered_and_summed(order):
    staff = make_staff(Role.FINANCE)
    found = ask(f"awards?mode=distribution&state=frozen&order={order.number}", staff).json()
    assert [one["amount"] for one in found["awards"]] == [500]
    assert found["totals"] == {"count": 1, "amount": 500, "clawed": 0, "net": 500, "frozen": 500, "released": 0}
    assert ask("awards?kind=level2", staff).json()["awards"] == []
    assert ask("awards?colour=red", staff).status_code == 422
    assert ask("awards?state=lost", staff).status_code == 422


def test_a_member_reads_his_own_earnings(order):
    from tenant_apps.members import selectors as members

    earner = members.member_by_ulid(order.facts.buyer.chain[0].member)
    found = ask("earnings", earner.user).json()
    assert found["frozen"] == 500
    assert found["by_mode"] == [
        {"mode": "distribution", "rule": found["by_mode"][0]["rule"], "frozen": 500, "released": 0}
    ]
    assert ask("earnings", make_member().user).json()["by_mode"] == []
