"""Invoices paid with WeChat Pay: against the sandbox over HTTP, its notices through a real web server."""

import datetime as dt
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import translation

from billing.models import ChannelCredential, ChannelNotice, Collection, Invoice, InvoicePayment, Subscription
from billing.selectors import accounts
from billing.services import channel, collecting, invoicing
from billing.services.channel import ChannelNotConnected, CredentialsRefused
from billing.services.collecting import ChannelUnavailable
from billing.services.money import InvoicePaid, InvoiceVoid
from saas.channels.facts import PaymentFacts
from saas.identity.models import AuditRecord, User
from saas.kernel.clock import china_date
from saas.kernel.clock import now as clock_now
from saas.kernel.keyring import Undecryptable
from saas.ledger import selectors as ledger
from saas.tenants.vault import services as vault
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState
from tests.control.billing.conftest import jobs

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def sandbox_origin(tmp_path_factory):
    home = tmp_path_factory.mktemp("sandbox")
    process = subprocess.Popen(
        [sys.executable, "-m", "tenant_apps.payments.sandbox", "--port", "0", "--home", str(home), "--speed", "50", "--keys", "12"],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin", "LOG_LEVEL": "WARNING"},
    )  # fmt: skip
    line = process.stdout.readline()
    assert "http://" in line, line
    yield line.split()[-1]
    process.terminate()
    process.wait(10)


@pytest.fixture
def sandbox(sandbox_origin, settings):
    settings.SANDBOX_ORIGIN = sandbox_origin
    settings.CONTROL_ORIGIN = "http://127.0.0.1:1"  # nobody listens there

    def control(path, **content):
        reply = httpx.post(f"{sandbox_origin}/_sandbox/{path}", json=content, timeout=20, trust_env=False)
        assert reply.status_code == 200, reply.text
        return reply.json()

    return control


@pytest.fixture
def now():
    return clock_now()


@pytest.fixture
def invoice(subscription):
    """The first invoice, of 1 299.00 yuan, due since the trial ended."""
    moment = clock_now()
    Subscription.objects.update(period_start=china_date(moment) - dt.timedelta(14), period_end=china_date(moment))
    jobs(moment)
    return Invoice.objects.get()


@pytest.fixture
def connected(sandbox, db):
    return channel.connect_sandbox(actor="user:op", now=clock_now())


def start(invoice):
    return collecting.start(invoice_ulid=invoice.ulid, actor="user:v", now=clock_now())


def facts(row, **changes):
    values = {
        "merchant_id": row.credential.merchant_id,
        "app_id": row.credential.app_id,
        "number": row.number,
        "transaction_id": f"T{row.number}",
        "paid": True,
        "closed": False,
        "amount": row.amount,
        "currency": "CNY",
        "paid_at": None,
        "payer_openid": "",
    }
    return PaymentFacts(**{**values, **changes})


def test_without_an_account_the_vendor_is_told_to_transfer(invoice):
    with pytest.raises(ChannelNotConnected):
        start(invoice)
    assert Collection.objects.count() == 0


def test_the_account_is_sealed_and_only_its_ends_are_shown(connected):
    row = ChannelCredential.objects.get()
    assert "PRIVATE KEY" not in row.private_key_sealed
    assert row.private_key_sealed.startswith("v1.1.")
    with pytest.raises(Undecryptable):
        vault.unseal(row.private_key_sealed, table=channel.TABLE, field="api_key_sealed", row=row.ulid)
    assert len(row.shown["api_key"]["last4"]) == 4
    again = channel.connect_sandbox(actor="user:op", now=clock_now())
    assert list(ChannelCredential.objects.filter(active=True)) == [again]
    actions = list(AuditRecord.objects.filter(action__startswith="platform.").values_list("action", flat=True))
    assert actions == ["platform.credentials_stored", "platform.credentials_rotated"]


def test_wrong_credentials_are_refused_by_field_and_nothing_is_stored(sandbox, db):
    with pytest.raises(CredentialsRefused) as refused:
        channel.store_credentials(fields={"merchant_id": "12"}, actor="user:op", now=clock_now())
    assert "merchant_id" in {check.name for check in refused.value.checks if not check.passed}
    assert ChannelCredential.objects.count() == 0


def test_the_same_press_is_the_same_payment_and_a_query_books_it_once(invoice, connected, sandbox):
    row = start(invoice)
    assert (row.amount, row.state, start(invoice).number) == (129_900, "pending", row.number)
    assert row.code_url.startswith("http")
    assert collecting.query(ulid=row.ulid, now=clock_now()) == "unpaid"
    sandbox("pay", mchid=connected.merchant_id, number=row.number)
    assert collecting.query(ulid=row.ulid, now=clock_now()) == "applied"
    assert collecting.query(ulid=row.ulid, now=clock_now()) == "final"
    invoice.refresh_from_db()
    assert (invoice.payment, accounts.stored_balance(invoice.vendor)) == ("paid", 0)
    assert (ledger.balance("channel.wechat"), ledger.balance("revenue.subscription")) == (-129_900, 129_900)
    assert ledger.uncleared() == []
    with pytest.raises(InvoicePaid) as refused, translation.override("en"):
        start(invoice)
    assert refused.value.text == f"Invoice {invoice.number} is paid already."
    row.refresh_from_db()
    assert collecting.apply(facts(row, transaction_id=row.transaction_id), now=clock_now()) == "known"
    assert collecting.apply(facts(row, transaction_id="OTHER"), now=clock_now()) == "ignored: transaction_id"
    assert ledger.balance("channel.wechat") == -129_900
    with pytest.raises(IntegrityError), transaction.atomic():
        Collection.objects.update(amount=1)


def test_a_lost_answer_is_asked_again_under_the_same_number(invoice, connected, sandbox):
    sandbox("faults", mchid=connected.merchant_id, name="error_500_after")
    with pytest.raises(ChannelUnavailable):
        start(invoice)
    lost = Collection.objects.get()
    assert (lost.state, lost.code_url) == ("created", "")
    row = start(invoice)
    assert (row.number, row.state) == (lost.number, "pending")
    sandbox("pay", mchid=connected.merchant_id, number=row.number)
    later = row.next_check_at
    assert collecting.query_due(now=later) == 1
    invoice.refresh_from_db()
    assert invoice.payment == "paid"
    assert collecting.query_due(now=later) == 0


def test_a_double_payment_goes_to_the_balance_and_pays_what_else_is_open(invoice, connected, sandbox, pay):
    row = start(invoice)
    pay(129_900, clock_now())  # the transfer was quicker
    invoice.refresh_from_db()
    assert invoice.payment == "paid"
    assert collecting.apply(facts(row), now=clock_now()) == "to_balance"
    assert accounts.stored_balance(invoice.vendor) == 129_900
    assert InvoicePayment.objects.count() == 1
    assert ledger.balance("revenue.subscription") == 129_900


def test_a_void_invoice_is_not_collected_and_late_money_for_it_is_the_vendors(invoice, connected):
    row = start(invoice)
    invoicing.credit(invoice_ulid=invoice.ulid, amount=129_900, reason="error", actor="user:op", now=clock_now())
    with pytest.raises(InvoiceVoid) as refused, translation.override("en"):
        start(invoice)
    assert refused.value.text == f"Invoice {invoice.number} is void: there is nothing to pay on it."
    assert collecting.apply(facts(row), now=clock_now()) == "to_balance"
    invoice.refresh_from_db()
    assert (invoice.document, invoice.payment) == ("void", "not_due")
    assert accounts.stored_balance(invoice.vendor) == 129_900


def test_after_a_credit_note_the_old_code_is_closed_and_the_new_one_asks_for_what_is_left(invoice, connected, sandbox):
    old = start(invoice)
    invoicing.credit(invoice_ulid=invoice.ulid, amount=29_900, reason="kindness", actor="user:op", now=clock_now())
    new = start(invoice)
    assert (new.amount, new.number != old.number) == (100_000, True)
    old.refresh_from_db()
    assert old.state == "closed"
    sandbox("pay", mchid=connected.merchant_id, number=new.number)
    assert collecting.query(ulid=new.ulid, now=clock_now()) == "applied"
    assert ledger.uncleared() == []


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"amount": 1}, "ignored: amount"),
        ({"merchant_id": "1"}, "ignored: merchant_id"),
        ({"currency": "USD"}, "ignored: currency"),
        ({"number": "MWUNKNOWN"}, "ignored: unknown number"),
        ({"paid": False}, "unpaid"),
    ],
)
def test_facts_that_differ_book_nothing(invoice, connected, changes, outcome):
    row = start(invoice)
    assert collecting.apply(facts(row, **changes), now=clock_now()) == outcome
    invoice.refresh_from_db()
    assert (invoice.payment, ledger.balance("channel.wechat")) == ("unpaid", 0)


def test_an_attempt_for_a_paid_invoice_is_closed_at_the_channel(invoice, connected, pay):
    row = start(invoice)
    pay(129_900, clock_now())
    assert collecting.query(ulid=row.ulid, now=clock_now()) == "closed"
    row.refresh_from_db()
    assert row.state == "closed"


class _Quiet(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


class _Server(ThreadedWSGIServer):
    def process_request_thread(self, *args):
        super().process_request_thread(*args)
        connections.close_all()


@pytest.fixture
def web(committed, settings):
    server = _Server(("127.0.0.1", 0), _Quiet)
    server.set_app(get_wsgi_application())
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    settings.CONTROL_ORIGIN = origin
    settings.ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield origin
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_vendor_scans_and_the_notice_pays(sandbox, web, drain, settings):
    settings.CONTROL_ORIGIN = web
    now = clock_now()
    vendors.ensure_cell(cell_id="c1", internal_origin="http://127.0.0.1:8100")
    owner = User.objects.create_user(phone="+8613800138000", phone_verified=True, name="Lin Yue")
    from provisioning.orchestrator import services as provisioning

    place = provisioning.sign_up(
        owner=owner, company="Green Basket", contact_name="Lin Yue", mall_name="Green Basket", subdomain="greenbasket",
        plan_code="growth", key="one", actor="system", now=now,
    ).place  # fmt: skip
    vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)
    Subscription.objects.update(period_start=china_date(now) - dt.timedelta(14), period_end=china_date(now))
    jobs(now)
    invoice = Invoice.objects.get()
    account = channel.connect_sandbox(actor="user:op", now=now)
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(owner)
    assert "Show the code to pay" in browser.get(f"/account/invoices/{invoice.ulid}").content.decode()
    shown = browser.post(f"/account/invoices/{invoice.ulid}/wechat/start", follow=True).content.decode()
    assert "<svg" in shown and "¥1,299.00" in shown
    row = Collection.objects.get()
    state = browser.get(f"/account/invoices/{invoice.ulid}/wechat/state")
    assert (state.status_code, "HX-Redirect" in state) == (204, False)
    for variant, status in (("forged", 401), ("tampered", 401), ("stale", 401)):
        answer = sandbox("notices", mchid=account.merchant_id, number=row.number, variant=variant)
        assert (variant, answer["status"]) == (variant, status)
    assert ChannelNotice.objects.count() == 0
    sandbox("pay", mchid=account.merchant_id, number=row.number)
    deadline = time.monotonic() + 15
    while not ChannelNotice.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    drain()
    notice = ChannelNotice.objects.get()
    assert (notice.outcome, notice.event_type) == ("applied", "TRANSACTION.SUCCESS")
    assert b"ciphertext" in bytes(notice.body)
    assert sandbox("notices", mchid=account.merchant_id, number=row.number, variant="genuine")["status"] == 204
    drain()
    invoice.refresh_from_db()
    assert (invoice.payment, InvoicePayment.objects.count()) == ("paid", 1)
    assert Subscription.objects.get().state == "active"
    assert ledger.balance("channel.wechat") == -129_900
    state = browser.get(f"/account/invoices/{invoice.ulid}/wechat/state")
    assert state["HX-Redirect"] == f"/account/invoices/{invoice.ulid}"
    assert httpx.post(f"{web}/notify/wechat/nobody", content=b"{}", trust_env=False).status_code == 404


def test_operators_connect_the_account_and_nobody_else(sandbox, db):
    operator = User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True)
    console = Client(HTTP_ACCEPT_LANGUAGE="en")
    console.force_login(operator)
    page = console.get("/console/settings/account/").content.decode()
    assert "Not connected" in page
    refused = console.post("/console/settings/account/", {"merchant_id": "1", "app_id": "x", "private_key": "SECRETX",
                           "certificate": "y", "api_key": "z"})  # fmt: skip
    assert refused.status_code == 422
    assert "A merchant number has 8 to 10 digits." in refused.content.decode()
    assert "SECRETX" not in refused.content.decode()
    console.post("/console/settings/account/sandbox")
    row = ChannelCredential.objects.get()
    assert row.merchant_id in console.get("/console/settings/account/").content.decode()
    assert "The account works." in console.post("/console/settings/account/check", follow=True).content.decode()
    stranger = Client()
    stranger.force_login(User.objects.create_user(phone="+8613900139000"))
    for page in ("/console/settings/", "/console/settings/account/"):
        assert stranger.get(page).status_code in (302, 403)
    assert stranger.post("/console/settings/account/sandbox").status_code in (302, 403)
    assert ChannelCredential.objects.count() == 1


def test_the_platforms_own_words_are_checked_and_shown(db):
    console = Client(HTTP_ACCEPT_LANGUAGE="en")
    console.force_login(User.objects.create_user(email="op@example.test", is_staff=True, is_superuser=True))
    bad = console.post("/console/settings/", {"icp_number": "12345"})
    assert bad.status_code == 422
    assert "An ICP number looks like" in bad.content.decode()
    console.post(
        "/console/settings/", {"name": "Mall Works", "company": "Works Ltd.", "icp_number": "浙ICP备2026000001号-1"}
    )
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get("/pricing").content.decode()
    assert "Mall Works" in page and "浙ICP备2026000001号-1" in page and "Works Ltd." in page
    assert AuditRecord.objects.filter(action="platform.profile_changed").count() == 1
