"""A vendor's whole life with a moved clock, through the pages of the vendor and of the operators: every invoice and posting.

`Life.until_cancelled` is where export and deletion go on from: it ends with a cancelled, suspended mall that owes nothing.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from billing.handlers import on_sale_completed
from billing.models import BankTransfer, CreditNote, DunningAction, Invoice, Subscription, SubscriptionEvent
from billing.selectors import accounts, prices
from saas.identity.models import User
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState
from tests.control.billing.conftest import at, jobs

D = dt.date


@dataclass
class Life:
    """One vendor, one mall; the clock stands where it was put."""

    mall: str
    clock: Any
    owner: User
    operator: User
    vendor: Any

    def day(self, *date: int, hour: int = 9) -> None:
        """Go to a day and let billing's round run."""
        self.clock.move_to(at(*date, hour=hour), tick=False)
        jobs(at(*date, hour=hour))

    def browser(self, user: User) -> Client:
        """Signed in now: a session does not outlive a month."""
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        return client

    def page(self, path: str, **form: str) -> str:
        """The vendor opens a page, or sends a form; followed to where it leads."""
        browser = self.browser(self.owner)
        reply = browser.post(path, form, follow=True) if form else browser.get(path)
        assert reply.status_code == 200, path
        return reply.content.decode()

    def transfer(self, reference: str, yuan: str, day: str) -> None:
        """Money arrives at the bank; an operator enters and matches it in the console."""
        console = self.browser(self.operator)
        form = {
            "reference": reference,
            "amount": yuan,
            "payer_name": "Hangzhou Green Basket Co., Ltd.",
            "received_on": day,
        }
        assert console.post("/console/transfers/", form).status_code == 302
        row = BankTransfer.objects.get(reference=reference)
        assert console.post(f"/console/transfers/{row.pk}/match", {"vendor": self.vendor.ulid}).status_code == 302

    def sale(self, fen: int, *date: int) -> None:
        """The cell tells of a completed order."""
        payload = {"amount": fen, "completed_at": at(*date).isoformat()}
        on_sale_completed(Event(f"e{fen}", "sale.completed", self.mall, 1, payload, at(*date)))

    @property
    def subscription(self) -> Subscription:
        return Subscription.objects.select_related("vendor", "version__plan").get(mall=self.mall)

    @property
    def told(self) -> dict[str, Any]:
        """What the mall's cell was told last: it closes or opens the storefront by this."""
        facts = OutboxEvent.objects.filter(topic="entitlements.changed", mall=self.mall)
        assert facts.latest("pk").destination == "c1"
        return dict(facts.latest("pk").payload["values"])

    def version(self, code: str) -> int:
        return prices.current_version(code, now=at(2026, 12, 1)).pk

    def until_cancelled(self) -> None:
        """Trial → paid → upgrade → fee → failed → dunning → suspended → paid → resumed → downgrade → cancelled."""
        base = f"/account/malls/{self.mall}/subscription"
        self._trial_and_first_payment(base)
        self._upgrade_in_mid_month(base)
        self._fee_and_failed_payment()
        self._dunned_and_suspended(base)
        self._paid_and_resumed(base)
        self._downgrade(base)
        self._cancelled(base)

    def _trial_and_first_payment(self, base: str) -> None:
        assert self.subscription.state == "trialing"
        assert "The trial ends on 2026-12-06" in self.page(base)
        self.day(2026, 12, 5)
        assert Invoice.objects.count() == 0
        self.day(2026, 12, 6)
        assert (self.subscription.state, self.subscription.period_end) == ("active", D(2027, 1, 6))
        assert "¥399.00 are to be paid." in self.page(base)
        self.transfer("B1", "500.00", "2026-12-08")
        assert accounts.stored_balance(self.vendor) == 10_100

    def _upgrade_in_mid_month(self, base: str) -> None:
        self.day(2026, 12, 16)
        growth = f"{base}/change/{self.version('growth')}"
        assert 'data-due="60967"' in self.page(growth)
        assert "The plan has been changed." in self.page(growth, go="1")
        assert self.subscription.version.plan.code == "growth"
        assert self.told["products_max"] == 5_000
        self.day(2026, 12, 17)
        self.transfer("B2", "508.67", "2026-12-17")
        assert (accounts.owed(self.vendor), accounts.stored_balance(self.vendor)) == (0, 0)

    def _fee_and_failed_payment(self) -> None:
        self.sale(120_000_000, 2026, 12, 20)
        self.sale(5_000_000, 2026, 12, 3)  # in the trial: no fee
        self.day(2027, 1, 1)
        fee = Invoice.objects.get(reason="usage")
        assert (fee.total_amount, fee.due_on) == (60_000, D(2027, 1, 8))
        assert "Your balance is not enough." in self.page(f"/account/invoices/{fee.ulid}/pay", go="1")
        fee.refresh_from_db()
        assert (fee.payment, fee.failure) == ("failed", "insufficient_balance")

    def _dunned_and_suspended(self, base: str) -> None:
        for day in range(6, 23):
            for hour in (2, 14):
                self.day(2027, 1, day, hour=hour)
            wanted = "active" if day < 9 else "unpaid" if day == 22 else "past_due"
            assert self.subscription.state == wanted, day
            assert self.subscription.restricted == (day >= 15), day
            assert self.told["suspended"] == (day == 22), day
        actions = list(DunningAction.objects.order_by("pk").values_list("action", flat=True))
        assert actions == ["remind", "remind", "restrict", "remind", "suspend"]
        page = self.page(base)
        assert "The storefront is closed. It opens again as soon as everything is paid" in page
        assert 'data-owed="189900"' in self.page("/account/invoices")
        console = self.browser(self.operator).get(f"/console/subscriptions/{self.mall}/")
        assert "Suspended for non-payment" in console.content.decode()

    def _paid_and_resumed(self, base: str) -> None:
        self.day(2027, 1, 25)
        self.transfer("B3", "1899.00", "2027-01-25")
        assert (self.subscription.state, self.subscription.suspended, self.subscription.restricted) == (
            "active",
            False,
            False,
        )
        assert (self.told["suspended"], self.told["restricted"]) == (False, False)
        assert "The storefront is closed" not in self.page(base)

    def _downgrade(self, base: str) -> None:
        self.day(2027, 1, 28)
        text = self.page(f"{base}/change/{self.version('starter')}", go="1")
        assert "The plan changes with the next period." in text
        assert self.subscription.version.plan.code == "growth"
        self.day(2027, 2, 6)
        assert self.subscription.version.plan.code == "starter"
        assert (self.told["products_max"], self.told["plan"]) == (200, "starter")
        self.transfer("B4", "399.00", "2027-02-06")

    def _cancelled(self, base: str) -> None:
        self.day(2027, 2, 20)
        assert "Until then everything goes on." in self.page(f"{base}/cancel", reason="moving on")
        assert (self.subscription.state, self.told["suspended"]) == ("active", False)
        self.day(2027, 3, 5)
        assert self.subscription.state == "active"
        self.day(2027, 3, 6)
        assert (self.subscription.state, self.subscription.ended_on) == ("canceled", D(2027, 3, 6))
        assert self.told["suspended"] is True
        assert "Ended on 2027-03-06." in self.page(base)
        self.day(2027, 6, 1)


@pytest.fixture
def life(sign_up, now, time_machine):
    place = sign_up(plan_code="starter").place
    vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)
    operator = User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True)
    time_machine.move_to(at(2026, 11, 22), tick=False)
    return Life(place.mall, time_machine, place.vendor.owner, operator, place.vendor)


def test_from_trial_to_cancellation_every_invoice_and_posting(life):
    life.until_cancelled()
    rows = Invoice.objects.order_by("pk").values_list("number", "reason", "total_amount", "payment", "period_start")
    found = [(number, reason.partition(":")[0], *rest) for number, reason, *rest in rows]
    assert found == [
        ("MW2026-000001", "cycle", 39_900, "paid", D(2026, 12, 6)),
        ("MW2026-000002", "upgrade", 60_967, "paid", D(2026, 12, 16)),
        ("MW2027-000001", "usage", 60_000, "paid", D(2026, 12, 1)),
        ("MW2027-000002", "cycle", 129_900, "paid", D(2027, 1, 6)),
        ("MW2027-000003", "cycle", 39_900, "paid", D(2027, 2, 6)),
    ]
    assert CreditNote.objects.count() == 0
    one, two, three, four, five = Invoice.objects.order_by("pk")
    owes, balance = f"vendor.balance.{life.vendor.ulid}.due", f"vendor.balance.{life.vendor.ulid}"
    for invoice, revenue, amount in (
        (one, "revenue.subscription", 39_900),
        (two, "revenue.subscription", 60_967),
        (three, "revenue.usage", 60_000),
        (four, "revenue.subscription", 129_900),
        (five, "revenue.subscription", 39_900),
    ):
        issued, paid = ledger.entries_of([f"invoice:{invoice.ulid}"])
        assert (issued.kind, dict((a, n) for a, _, n in issued.legs)) == (
            "invoice.finalized",
            {owes: -amount, revenue: amount},
        )
        assert (paid.kind, dict((a, n) for a, _, n in paid.legs)) == ("invoice.paid", {balance: -amount, owes: amount})
    for transfer, amount in zip(BankTransfer.objects.order_by("pk"), (50_000, 50_867, 189_900, 39_900), strict=True):
        received, matched = ledger.entries_of([f"transfer:{transfer.pk}"])
        assert [n for _, _, n in received.legs] == [n for _, _, n in matched.legs] == [-amount, amount]
    book = {row.family: row.posted for row in ledger.trial_balance() if row.posted}
    assert book == {"bank": -330_667, "revenue": 330_667}
    assert (ledger.balance("revenue.subscription"), ledger.balance("revenue.usage")) == (270_667, 60_000)
    assert (ledger.balance(owes), ledger.balance(balance), ledger.uncleared()) == (0, 0, [])
    assert list(SubscriptionEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
        *("started", "trial_ended", "upgraded", "renewed", "past_due", "restricted", "suspended", "paid_up"),
        *("downgrade_scheduled", "downgraded", "cancel_requested", "canceled"),
    ]


def test_upgrades_within_a_period_cost_what_was_used(life):
    """Ten of 31 days at 399.00, the rest at 1 299.00: the period's invoices sum to the days' shares, to the fen."""
    life.day(2026, 12, 6)
    life.transfer("B1", "5000.00", "2026-12-06")
    life.day(2026, 12, 16)
    life.page(f"/account/malls/{life.mall}/subscription/change/{life.version('growth')}", go="1")
    total = sum(Invoice.objects.values_list("total_amount", flat=True))
    assert total == 39_900 * 10 // 31 + (129_900 - 129_900 * 10 // 31)
