"""A vendor's whole life with a moved clock, through the pages of the vendor and of the operators: every invoice and posting.

`Life.until_cancelled` ends with a cancelled, suspended mall that owes nothing; `Life.until_deleted` goes on from there.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from billing.handlers import on_sale_completed
from billing.models import (
    BankTransfer,
    CreditNote,
    DunningAction,
    Invoice,
    Subscription,
    SubscriptionEvent,
    UsageRecord,
)
from billing.selectors import accounts, prices
from provisioning.lifecycle import services as lifecycle
from provisioning.lifecycle.models import Deletion, ExportFile
from provisioning.orchestrator import services as orchestrator
from provisioning.orchestrator.models import Run
from saas.config.wiring import CONTROL
from saas.identity import tokens
from saas.identity.models import AuditRecord, User
from saas.kernel import clock
from saas.ledger import selectors as ledger
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.messaging.notices.models import Notice
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import HostClaim, Place
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

    def until_deleted(self) -> None:
        """… → exported → deletion asked, confirmed by an operator, called off, asked again → told → deleted."""
        base = f"/account/malls/{self.mall}/leaving"
        self.cell_does(Run.objects.get().ulid)
        self._exported(base)
        self._deletion_called_off(base)
        self._deleted(base)

    def _exported(self, base: str) -> None:
        assert "No export yet." in self.page(base)
        assert "Your export is being made." in self.page(f"{base}/export", go="1")
        row = ExportFile.objects.get()
        assert "An export of this mall is being made." in self.page(f"{base}/export", go="1")
        assert ExportFile.objects.count() == 1
        self.cell_does(row.run)
        name = f"t/{self.mall}/private/exports/{row.run}.zip"
        fact = {"run": row.run, "mall": self.mall, "name": name, "size": 9_000_000, "sha256": "a" * 64}
        fact |= {"tables": 70, "rows": 900, "media": 4, "withheld": 9, "trial_balance": [], "taken_at": "2027-06-01"}
        self.cell_says("export.ready", fact)
        row.refresh_from_db()
        assert (row.state, row.size, row.expires_at) == ("ready", 9_000_000, at(2027, 6, 8))
        download = f"{base}/export/{row.ulid}"
        assert "The code is no longer valid" in self.page(download, code="123456")  # none was sent
        browser = self.browser(self.owner)
        browser.post(f"{base}/code")
        body = Notice.objects.filter(kind="sign_in_code").latest("pk").body
        sent = re.search(r"[0-9]{6}", body).group()
        wrong = browser.post(download, {"code": "000000" if sent != "000000" else "111111"})
        assert wrong.url == base
        link = browser.post(download, {"code": sent}).url
        assert link.startswith("http://greenbasket.localhost:8100/_export/")
        opened = tokens._fernet("export", self.mall).decrypt(link.rpartition("/")[2].encode())
        assert json.loads(opened) == {"name": name, "actor": f"user:{self.owner.public_id}", "export": row.ulid}
        assert browser.post(download, {"code": sent}).url == base  # a code works once

    def cell_does(self, run: str) -> None:
        """The cell takes every step of a run, and its end is delivered."""
        one = Run.objects.get(ulid=run)
        OutboxEvent.objects.filter(destination="c1", done_at=None).update(done_at=clock.now())  # the relay's work
        for number, step in enumerate(one.order["steps"], start=1):
            fact = {"run": run, "serial": one.serial, "sequence": number, "step": step, "outcome": "succeeded"}
            orchestrator.apply_step_fact(fact={**fact, "attempt": 1, "log": "done"}, now=clock.now())
        for ended in OutboxEvent.objects.filter(topic="run.ended", payload__run=run):
            assert bus.deliver(ended.event_id, now=clock.now())

    def cell_says(self, topic: str, fact: dict[str, Any]) -> None:
        """A fact of the cell reaches its handler."""
        handler = import_string(CONTROL[topic][0])
        handler(Event(f"{topic}:{len(str(fact))}", topic, self.mall, 1, fact, clock.now()))

    def answer(self, **left: int) -> None:
        """The cell says what is still open."""
        asked = OutboxEvent.objects.filter(topic="mall.closing_asked").latest("pk")
        assert asked.destination == "c1"
        book = [{"family": "house", "asset": "CNY", "posted": 0}]
        counts = {"orders": 0, "withdrawals": 0, "uncleared": 0, "holds": 0, **left}
        self.cell_says("mall.closing_facts", {**asked.payload, **counts, "orders_in_all": 7, "trial_balance": book})

    def confirm(self, **form: str) -> str:
        """An operator confirms the open deletion in the console; the page they see."""
        row = Deletion.objects.get(state="asked")
        path = f"/console/malls/{self.mall}/lifecycle/confirm"
        form = {"deletion": row.ulid, "days": "30", "reason": "asked for in writing", **form}
        return self.browser(self.operator).post(path, form, follow=True).content.decode()

    def _deletion_called_off(self, base: str) -> None:
        ask = {"name": "Green Basket", "reason": "we move on", "books_taken": "1"}
        assert "Type the mall’s name" in self.page(f"{base}/delete", **{**ask, "name": "green"})
        assert Deletion.objects.count() == 0
        assert "Asked for. The platform looks at it" in self.page(f"{base}/delete", **ask)
        assert "is asked for already" in self.page(f"{base}/delete", **ask)
        assert "Not everything is settled yet" in self.confirm()  # the cell has not answered
        self.answer(withdrawals=2, uncleared=1)
        page = self.confirm()
        assert "withdrawals_settled, clearing_empty" in page
        assert Deletion.objects.get().state == "asked"
        self.answer()
        assert "somebody else has to" not in self.confirm()
        row = Deletion.objects.get()
        assert (row.state, row.due_at, row.confirmed_by) == (
            "scheduled",
            at(2027, 7, 1),
            f"user:{self.operator.public_id}",
        )
        assert Notice.objects.filter(kind="mall_deletion_set", to_phone="+8613800138000").count() == 1
        self.day(2027, 6, 29)
        assert lifecycle.run_due(now=clock.now())["reminded"] == 1
        assert lifecycle.run_due(now=clock.now()) == {"reminded": 0, "begun": 0, "blocked": 0, "released": 0}
        assert "It will be deleted for good on 2027-07-01." in self.page(base)
        assert "The deletion is called off." in self.page(f"{base}/keep", go="1")
        self.day(2027, 7, 2)
        assert lifecycle.run_due(now=clock.now())["begun"] == 0
        assert Place.objects.get(mall=self.mall).state == "rehearsal"

    def _deleted(self, base: str) -> None:
        self.page(f"{base}/delete", name="Green Basket", reason="we move on", books_taken="1", close_account="1")
        self.answer()
        self.confirm(days="7")
        self.day(2027, 7, 9, hour=10)
        assert lifecycle.run_due(now=clock.now())["blocked"] == 1  # what the cell said is a week old
        self.answer()
        assert lifecycle.run_due(now=clock.now())["begun"] == 1
        assert "It is too late" in self.cancel()
        assert lifecycle.run_due(now=clock.now())["begun"] == 0
        row = Deletion.objects.get(state="running")
        self.cell_does(row.run)
        row.refresh_from_db()
        assert (row.state, row.kept["orders_in_all"]) == ("done", 7)
        assert row.kept["forgotten"]["account"] == "closed"

    def cancel(self) -> str:
        """An operator tries to call the running deletion off."""
        row = Deletion.objects.get(state="running")
        form = {"deletion": row.ulid, "reason": "wait"}
        path = f"/console/malls/{self.mall}/lifecycle/cancel"
        return self.browser(self.operator).post(path, form, follow=True).content.decode()


@pytest.fixture
def life(sign_up, now, time_machine):
    place = sign_up(plan_code="starter").place
    vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)
    operator = User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True)
    time_machine.move_to(at(2026, 11, 22), tick=False)
    return Life(place.mall, time_machine, place.vendor.owner, operator, place.vendor)


def test_from_trial_to_deletion_every_invoice_and_posting(life):
    life.until_cancelled()
    life.until_deleted()
    _persons_are_gone(life)
    _address_is_kept_then_released(life)
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


def _persons_are_gone(life):
    """Nobody's name, phone or address is left of the vendor; invoices, book, days and the audit trail are."""
    life.owner.refresh_from_db()
    assert (life.owner.phone, life.owner.name, life.owner.is_active) == (None, "", False)
    life.vendor.refresh_from_db()
    assert (life.vendor.contact_name, life.vendor.company) == ("", "Hangzhou Green Basket Co., Ltd.")
    kept = {"billing_invoice", "identity_auditrecord", "django_session"}  # papers name their buyer
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table not in kept:
                cursor.execute(f'SELECT count(*) FROM "{table}" r WHERE r::text ~ %s', ["13800138000|Lin Yue"])
                assert cursor.fetchone() == (0,), table
    assert UsageRecord.objects.filter(mall=life.mall, metric="sales_fen").count() == 2
    actions = AuditRecord.objects.filter(target=f"mall:{life.mall}", action__startswith="deletion.")
    assert list(actions.order_by("pk").values_list("action", flat=True)) == [
        *("deletion.asked", "deletion.confirmed", "deletion.cancelled"),
        *("deletion.asked", "deletion.confirmed", "deletion.done"),
    ]


def _address_is_kept_then_released(life):
    assert Place.objects.get(mall=life.mall).state == "removed"
    assert HostClaim.objects.filter(host="greenbasket.localhost").exists()
    life.day(2027, 10, 6)
    assert lifecycle.run_due(now=clock.now())["released"] == 0
    life.day(2027, 10, 8)
    assert lifecycle.run_due(now=clock.now())["released"] == 1
    assert not HostClaim.objects.filter(host="greenbasket.localhost").exists()


def test_upgrades_within_a_period_cost_what_was_used(life):
    """Ten of 31 days at 399.00, the rest at 1 299.00: the period's invoices sum to the days' shares, to the fen."""
    life.day(2026, 12, 6)
    life.transfer("B1", "5000.00", "2026-12-06")
    life.day(2026, 12, 16)
    life.page(f"/account/malls/{life.mall}/subscription/change/{life.version('growth')}", go="1")
    total = sum(Invoice.objects.values_list("total_amount", flat=True))
    assert total == 39_900 * 10 // 31 + (129_900 - 129_900 * 10 // 31)
