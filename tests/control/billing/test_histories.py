"""Random billing histories with repeated and reordered jobs, and two workers at once: no double invoice, no missing period."""

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from billing.models import BillingEntry, DunningAction, Invoice, Subscription, SubscriptionEvent
from billing.rules import periods
from billing.rules.invoices import DocumentState
from billing.selectors import accounts, prices
from billing.services import dunning, extras, metering, money, renewal, subscriptions
from provisioning.orchestrator import services as provisioning
from saas.identity.models import User
from saas.kernel.errors import DomainError
from saas.ledger import selectors as ledger
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place
from tests.cases import cases
from tests.control.billing.conftest import at

JOBS = {
    "renew": renewal.renew_due,
    "usage": metering.bill_usage_due,
    "dun": dunning.dun_all,
}
STEP = st.tuples(
    st.integers(0, 40),  # days that pass
    st.lists(st.sampled_from(sorted(JOBS)), max_size=5),
    st.sampled_from(
        [
            *("nothing", "pay", "pay_part", "starter", "growth", "enterprise", "cancel", "keep", "sale", "again"),
            *("staff_5", "products_1000", "drop_extras", "pause", "resume"),
        ]
    ),
)


def act(subscription, what, now, number):
    """Something that a vendor or the bank does; a refusal is an answer, too."""
    subscription.refresh_from_db()
    vendor = subscription.vendor
    try:
        if what in ("pay", "pay_part"):
            amount = accounts.owed(vendor) if what == "pay" else 50_000
            transfer = money.enter_transfer(
                reference=f"R{number}", amount=amount, payer_name="x", received_on=now.date(), actor="user:o", now=now
            )
            money.match_transfer(transfer_id=transfer.pk, vendor=vendor, actor="user:o", now=now)
        elif what in ("starter", "growth", "enterprise"):
            version = prices.current_version(what, now=now)
            subscriptions.change_plan(ulid=subscription.ulid, version_id=version.pk, actor="user:v", now=now)
        elif what == "cancel":
            subscriptions.cancel(ulid=subscription.ulid, actor="user:v", now=now)
        elif what == "keep":
            subscriptions.withdraw_change(ulid=subscription.ulid, actor="user:v", now=now)
        elif what == "again":
            subscriptions.reactivate(
                ulid=subscription.ulid, version_id=subscription.version_id, actor="user:v", now=now
            )
        elif what in ("staff_5", "products_1000"):
            extras.buy(ulid=subscription.ulid, code=what, quantity=2, actor="user:v", now=now)
        elif what == "drop_extras":
            for row in accounts.extras_of(subscription):
                extras.cancel(ulid=subscription.ulid, extra_ulid=row.ulid, actor="user:v", now=now)
        elif what == "pause":
            subscriptions.pause(ulid=subscription.ulid, actor="user:o", now=now, reason="asked")
        elif what == "resume":
            subscriptions.resume(ulid=subscription.ulid, actor="user:o", now=now)
        elif what == "sale":
            metering.record_sale(mall=subscription.mall, amount=60_000_000, completed_at=now)
    except DomainError:
        pass


def check(subscription, today):
    subscription.refresh_from_db()
    issued = Invoice.objects.filter(subscription=subscription).exclude(document=DocumentState.VOID)
    cycles = list(issued.filter(reason="cycle").order_by("period_start", "pk"))
    assert len({invoice.period_start for invoice in cycles}) == len(cycles), "a period was billed twice"
    for before, after in itertools.pairwise(cycles):
        assert before.period_start < after.period_start
    if subscription.state in ("active", "past_due"):
        assert today < subscription.period_end, "the running period has passed"
        last = max(cycles, key=lambda invoice: invoice.period_start)
        upgrades = issued.filter(reason__startswith="upgrade", period_end=subscription.period_end)
        moved = SubscriptionEvent.objects.filter(subscription=subscription, kind="resumed").exists()
        lasts = subscription.period_end - subscription.period_start
        same = moved and last.period_end - last.period_start == lasts  # a pause moves a period that was billed
        billed = last.period_end == subscription.period_end or same or upgrades.exists()
        assert billed, "the running period was not billed"
    entries = BillingEntry.objects.filter(invoice__in=issued, kind="extra", invoice__reason="cycle")
    billed = list(entries.values_list("key", "period_start"))
    assert len(set(billed)) == len(billed), "an extra was billed twice for a period"
    if subscription.state in ("active", "past_due"):
        wanted = {f"extra:{row.ulid}" for row in accounts.extras_of(subscription)}
        covered = BillingEntry.objects.filter(invoice__in=issued, kind="extra", period_end=subscription.period_end)
        assert wanted <= set(covered.values_list("key", flat=True)) | paused_since(subscription), (
            "an extra is not billed"
        )
    numbers = sorted(Invoice.objects.exclude(number=None).values_list("number", flat=True))
    for year in {number[:6] for number in numbers}:
        serials = [int(number[7:]) for number in numbers if number.startswith(year)]
        assert serials == list(range(1, len(serials) + 1)), "a number is missing"
    vendor = subscription.vendor
    assert accounts.stored_balance(vendor) >= 0
    assert -ledger.balance(f"vendor.balance.{vendor.ulid}.due") == accounts.owed(vendor)
    assert ledger.check_ledger() == []
    assert ledger.uncleared() == []


def paused_since(subscription):
    """Extras whose period was moved by a pause after it was billed: their line ends earlier."""
    if not SubscriptionEvent.objects.filter(subscription=subscription, kind="resumed").exists():
        return set()
    return {f"extra:{row.ulid}" for row in accounts.extras_of(subscription)}


@settings(
    max_examples=cases(110) - 100,  # 10 at CASES=1, 1 000 at CASES=10
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a history is long to shrink
)
@given(steps=st.lists(STEP, min_size=3, max_size=10))
def test_no_double_invoice_and_no_missing_period(subscription, steps):
    with transaction.atomic():
        moment = at(2026, 11, 22)
        for number, (days, round_, what) in enumerate(steps):
            moment += dt.timedelta(days=days)
            for job in round_:
                JOBS[job](now=moment)
            act(subscription, what, moment, number)
        for job in ("renew", "usage", "dun", "renew"):
            JOBS[job](now=moment)
        check(subscription, moment.date())
        before = Invoice.objects.count(), DunningAction.objects.count()
        for job in ("dun", "renew", "usage"):
            JOBS[job](now=moment)
        assert (Invoice.objects.count(), DunningAction.objects.count()) == before, "a repeated round changed something"
        transaction.set_rollback(True)


def test_a_renewal_with_nothing_else_leaves_no_gap(subscription):
    for month in range(24):
        renewal.renew_due(now=periods.midnight(periods.add_months(dt.date(2026, 12, 6), month)))
    spans = list(Invoice.objects.order_by("pk").values_list("period_start", "period_end"))
    # suspended for non-payment by nobody: dunning did not run
    assert len(spans) == 24
    assert all(first[1] == second[0] for first, second in itertools.pairwise(spans))


def test_of_two_workers_at_once_one_bills(committed, now):
    vendors.ensure_cell(cell_id="c1", internal_origin="http://127.0.0.1:8100")
    person = User.objects.create_user(phone="+8613800138000")
    provisioning.sign_up(
        owner=person,
        company="Company",
        contact_name="Somebody",
        mall_name="Mall",
        subdomain="wanted",
        plan_code="growth",
        key="one",
        actor="system",
        now=now,
    )
    Place.objects.update(state="live")

    def work(number: int) -> None:
        try:
            for job in ("renew", "dun", "usage") if number % 2 else ("dun", "renew", "usage"):
                JOBS[job](now=at(2026, 12, 28))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert Invoice.objects.filter(reason="cycle").count() == 1
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: _dun(at(2027, 1, 20)), range(4)))
    assert sorted(DunningAction.objects.values_list("position", flat=True)) == [2, 3, 4]
    assert Subscription.objects.get().state == "unpaid"
    assert ledger.check_ledger() == []


def _dun(now: dt.datetime) -> None:
    try:
        dunning.dun_all(now=now)
    finally:
        connection.close()
