"""Goods of the mall lent to a store: up to its deposit, settled when sold, brought back, counted by two persons."""

import datetime as dt

import pytest

from saas.identity import services as identity
from saas.identity.models import AuditRecord, PreparedAction
from saas.identity.roles import Role
from saas.kernel import clock
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.services import InsufficientStock
from tenant_apps.counter.models import CreditMove
from tenant_apps.counter.rules import credit as rules
from tenant_apps.counter.rules.credit import Counted
from tenant_apps.counter.selectors import credit as selectors
from tenant_apps.counter.services import credit as services
from tenant_apps.orders import services as orders
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.models import StatementLine
from tenant_apps.sellers.rules import debt_of, deposit_of, payable_of
from tests.factories import catalog
from tests.factories import sellers as shops
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)
CLERK = "user:clerk"
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


def pay_in(account: str, amount: int) -> None:
    ledger.post_entry(
        key=f"{account}:{amount}", kind="test", moves=[Move("channel.wechat", account, amount)], document="test",
        occurred_at=EARLIER,
    )  # fmt: skip


@pytest.fixture
def keeper(grocery):
    return make_member(name="王店主")


@pytest.fixture
def store(keeper):
    """A store with a deposit of 1 000.00 and 50.00 coming to it."""
    row = shops.store(now=EARLIER, owner=keeper.ulid)
    pay_in(deposit_of(row.ulid), 100_000)
    pay_in(payable_of(row.ulid), 5_000)
    return row


@pytest.fixture
def tea(grocery):
    return catalog.single("龙井", price=9_900, supply=3_000, stock=50)


def lent(store, sku, qty, **more):
    values = {"unit_amount": 4_000, "reorder_qty": 3, **more}
    return services.lend_stock(seller_ulid=store.ulid, sku_ulid=sku.ulid, qty=qty, actor=CLERK, now=NOW, **values)


def stock_of(sku) -> int:
    return Sku.objects.values_list("stock", flat=True).get(pk=sku.pk)


def test_rules_on_paper():
    assert (rules.limit(100_000, 1_000_000), rules.limit(99_999, 500_000), rules.limit(-5, 1_000_000)) == (
        100_000,
        49_999,
        0,
    )
    assert rules.count(held=10, counted=8, charged=0) == Counted(missing=2)
    assert rules.count(held=10, counted=12, charged=2) == Counted(found=2)
    assert not rules.count(held=10, counted=10, charged=5).changes
    for counted in (-1, 13):
        with pytest.raises(ValueError, match="more than was lent"):
            rules.count(held=10, counted=counted, charged=2)


def test_lent_sold_brought_back_to_the_fen(store, tea):
    row = lent(store, tea, 20)
    assert (stock_of(tea), row.qty, selectors.standing(store.ulid).left_amount) == (30, 20, 20_000)
    with pytest.raises(services.CreditLimit) as refused:
        lent(store, tea, 6)
    assert refused.value.data["left"] == "200.00"
    lent(store, tea, 5)
    assert selectors.standing(store.ulid).left_amount == 0
    services.settle_sold(seller_ulid=store.ulid, ulid=row.ulid, qty=2, actor=CLERK, now=NOW)
    row.refresh_from_db()
    line = StatementLine.objects.get(seller_ulid=store.ulid)
    assert (row.qty, row.charged_qty, line.kind, line.amount) == (23, 2, "deduction", -8_000)
    assert (book.available(payable_of(store.ulid)), book.balance(debt_of(store.ulid))) == (0, -3_000)  # 80.00 of 50.00
    assert line in sellers.open_lines(store.ulid)
    services.return_stock(seller_ulid=store.ulid, ulid=row.ulid, qty=20, actor=CLERK, now=NOW)
    row.refresh_from_db()
    assert (stock_of(tea), row.qty, row.is_low) == (45, 3, True)
    for qty in (0, 4):
        with pytest.raises(services.MoreThanHeld):
            services.settle_sold(seller_ulid=store.ulid, ulid=row.ulid, qty=qty, actor=CLERK, now=NOW)
    assert [one.qty for one in selectors.moves(store.ulid)] == [-20, -2, 5, 20]
    services.set_factor(seller_ulid=store.ulid, factor_ppm=0, actor=CLERK, now=NOW)
    assert selectors.standing(store.ulid).is_over
    assert sum(one.posted for one in book.trial_balance()) == 0
    assert StatementLine.objects.count() == 1 and AuditRecord.objects.filter(action="store.credit_moved").count() == 4


def test_what_is_not_lent(store, tea):
    theirs = shops.goods(store, now=EARLIER)
    for sku, more, field in (
        (theirs, {}, "sku"), (tea, {"unit_amount": 0}, "unit_amount"), (tea, {"reorder_qty": -1}, "reorder_qty"),
    ):  # fmt: skip
        with pytest.raises(services.InvalidInput) as refused:
            lent(store, sku, 1, **more)
        assert refused.value.field == field
    with pytest.raises(InsufficientStock):
        lent(store, tea, 51, unit_amount=1)
    with pytest.raises(services.NotFound):
        lent(shops.opened(now=EARLIER, name="线上店"), tea, 1)
    assert stock_of(tea) == 50 and not CreditMove.objects.exists()


def test_a_count_takes_two_persons(store, tea):
    row = lent(store, tea, 10)

    def count(counted, **more):
        return services.count_stock(
            seller_ulid=store.ulid, ulid=row.ulid, counted=counted, reason="月度盘点", actor="user:A", now=NOW, **more
        )

    assert count(10) is None
    with pytest.raises(services.CountImpossible):
        count(11)
    with pytest.raises(identity.SecondPersonNeeded):
        count(8)
    assert StatementLine.objects.count() == 0
    first, second = make_staff(Role.FINANCE, name="First"), make_staff(Role.FINANCE, name="Second")
    here = f"/backoffice/stores/{store.ulid}/stock"
    form = {"step": "count", "stock": row.ulid, "qty": "8", "reason": "月度盘点"}
    signed_in(first).post(f"{here}/step", form)
    asked = PreparedAction.objects.get(kind=services.COUNT)
    signed_in(second).post(f"/backoffice/prepared/{asked.ulid}/decide", {"step": "approve"})
    row.refresh_from_db()
    assert (row.qty, row.charged_qty, StatementLine.objects.get().amount) == (8, 2, -8_000)
    move = CreditMove.objects.latest("pk")
    assert (move.kind, move.qty, move.amount, move.approved_by) == ("missing", -2, 8_000, f"user:{second.public_id}")
    signed_in(first).post(f"{here}/step", form | {"qty": "9", "reason": "找到一件"})
    again = PreparedAction.objects.get(kind=services.COUNT, state="open")
    signed_in(second).post(f"/backoffice/prepared/{again.ulid}/decide", {"step": "approve"})
    row.refresh_from_db()
    assert (row.qty, row.charged_qty) == (9, 1)
    assert (book.available(payable_of(store.ulid)), book.balance(debt_of(store.ulid))) == (1_000, 0)  # 50 − 80 + 40
    assert "Missing at a count" in signed_in(first).get(here, **EN).content.decode()


def test_the_pages(store, keeper, tea):
    finance, shop = signed_in(make_staff(Role.FINANCE)), signed_in(keeper.user)
    here, mine = f"/backoffice/stores/{store.ulid}/stock", f"/seller/{store.ulid}/stock"
    assert "The mall has lent you no goods." in shop.get(mine, **EN).content.decode()
    form = {"step": "lend", "sku": tea.ulid, "qty": "10", "unit": "40", "reorder_qty": "8"}
    page = finance.post(f"{here}/step", form | {"unit": "cheap"}, follow=True, **EN).content.decode()
    assert "Give an amount in yuan" in page
    finance.post(f"{here}/step", form)
    row = selectors.standing(store.ulid).rows[0]
    assert row.qty == 10
    refused = shop.post(mine, {"stock": row.ulid, "qty": "11"}, **EN)
    assert refused.status_code == 422 and "10 pieces are in the store" in refused.content.decode()
    assert shop.post(mine, {"stock": row.ulid, "qty": "2"})["Location"] == mine
    assert "Runs low: ask for more" in shop.get(mine, **EN).content.decode()
    assert AuditRecord.objects.filter(action="store.credit_moved", actor=f"member:{keeper.ulid}").count() == 1
    page = finance.get(here, **EN).content.decode()
    assert "Sold and owed" in page and "¥680.00" in page and "runs low" in page
    finance.post(f"{here}/step", {"step": "factor", "factor": "50"})
    assert selectors.standing(store.ulid).limit_amount == 50_000
    assert signed_in(make_member().user).get(mine).status_code == 404


def test_who_leaves_returns_or_settles_what_he_has_on_credit(store, keeper, tea):
    row = lent(store, tea, 5, reorder_qty=3)
    store.refresh_from_db()
    assert (store.lent_amount, row.is_low) == (20_000, False)
    ledger.post_entry(
        key="out", kind="test", moves=[Move(payable_of(store.ulid), "house", 5_000)], document="test", occurred_at=NOW
    )
    seller_services.leave_mall(ulid=store.ulid, reason="moves away", actor=CLERK, now=NOW)
    found = orders.what_is_open(store.ulid)
    assert (found.lent, found.settled, found.owed, found.coming) == (20_000, False, 0, 0)
    assert not orders.finish_leaving(seller_ulid=store.ulid, now=NOW)
    page = signed_in(make_staff(Role.FINANCE)).get(f"/backoffice/sellers/{store.ulid}", **EN).content.decode()
    assert "Goods on credit to bring back or settle" in page and "¥200.00" in page
    row.refresh_from_db()
    services.return_stock(seller_ulid=store.ulid, ulid=row.ulid, qty=3, actor=CLERK, now=NOW)
    row.refresh_from_db()
    assert (stock_of(tea), row.is_low, orders.what_is_open(store.ulid).lent) == (48, True, 8_000)
    services.settle_sold(seller_ulid=store.ulid, ulid=row.ulid, qty=2, actor=f"member:{keeper.ulid}", now=NOW)
    found = orders.what_is_open(store.ulid)
    assert (found.lent, found.owed) == (0, 8_000)  # what it cannot pay out of sales it owes: still no leave
    assert not orders.finish_leaving(seller_ulid=store.ulid, now=NOW)
