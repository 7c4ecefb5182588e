"""Pictures of every page of the console and of the vendor's account, phone and desktop, with data behind them.

Not one of the suite: `ROLE=control pytest tests/control/console/pictures.py` writes them to tests/artefacts/console.
Pages are asked for in this process, in the test's transaction; Chromium gets what the test's client got.
"""

import os
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import sync_playwright

from billing.models import Invoice, Subscription
from provisioning.domains.services import bases
from provisioning.infrastructure import services as servers
from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Rollout
from saas.identity.models import User
from saas.identity.operators import OperatorRole, add_operator
from saas.kernel.clock import china_date
from saas.messaging.notices import services as notices
from saas.support.models import Ticket
from saas.support.services import access, announcements, tickets
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place
from tests.control.billing.conftest import jobs
from tests.control.console.test_console import PAGES
from tests.control.console.test_imports import archive, bring
from tests.control.provisioning.orchestrator.test_rollouts import fact
from tests.control.provisioning.orchestrator.test_runs import all_done
from tests.control.provisioning.servers.cast import VARIABLES

FOLDER = os.environ.get("PICTURES") or str(Path(__file__).parents[2] / "artefacts" / "console")
ONLY = os.environ.get("ONLY", "")  # a pattern of size and address, for a second look at some
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@pytest.fixture
def pages(sign_up, now, operator, settings, tmp_path):
    """Every address, with a mall behind it on which everything is under way."""
    settings.MEDIA_ROOT = tmp_path
    run = sign_up()
    all_done(run, now)
    place, actor = run.place, f"user:{operator.public_id}"
    add_operator(email="mei@example.test", name="Mei", roles=[OperatorRole.SUPPORT], actor=actor, now=now)
    vendors.ensure_cell(cell_id="c2", internal_origin="http://127.0.0.1:8200")
    move = provisioning.move_mall(
        mall=place.mall, target="c2", way="dump", keep_days=7, reason="c1 is full", key="m1", actor=actor, now=now
    )
    rows = [(place.mall, "done", ""), ("01JOTHERMALL", "failed", "lock timeout"), ("01JTHIRDMALL", "pending", "")]
    provisioning.apply_rollout_fact(
        fact=fact("01JROLLOUT", 1, "running", *rows, now=now, done=1, failed=1, pending=1), now=now
    )
    change = servers.request_change(
        environment="staging", variables=VARIABLES, is_destroy=False, reason="room for a third cell", actor=actor, now=now
    )  # fmt: skip
    tickets.open_ticket(
        vendor=place.vendor, mall=place.mall, subject="短信收不到", text="会员说收不到验证码。", by_platform=False,
        author_name="Lin Yue", actor=f"user:{place.vendor.owner.public_id}", now=now,
    )  # fmt: skip
    announcements.announce(
        texts={"title": "新功能", "title_en": "New", "body": "短信与邮件。", "body_en": "SMS and mail."},
        shown_from=now, shown_until=None, actor=actor, now=now,
    )  # fmt: skip
    notices.send_notice(
        kind="mall_ready", to_phone="+8613800138000", context={"mall": "青禾", "url": "https://x"}, key="p"
    )
    browser = Client()
    browser.force_login(operator)
    arrival = bring(browser, archive()).url
    bases.change_base_domain(name="malls-of-lvye.cn", reason="公司更名", actor=actor, now=now)
    today = china_date(now)
    Subscription.objects.update(period_start=today.replace(day=1), period_end=today)
    jobs(now)
    found = [
        *PAGES, "/console/operators/", "/console/usage/", "/console/questions/", "/console/news/",
        "/console/verifications/", "/console/figures/2026-11/", "/console/settings/", "/console/settings/account/",
        "/console/transfers/", "/console/billing/extra/", "/console/billing/subscription/", "/console/billing/invoice/",
        "/console/billing/usagerecord/", f"/console/malls/{place.mall}/", f"/console/malls/{place.mall}/modes/",
        f"/console/malls/{place.mall}/access/", f"/console/malls/{place.mall}/move", f"/console/runs/{run.ulid}/",
        f"/console/runs/{move.ulid}/", f"/console/rollouts/{Rollout.objects.get().ulid}/",
        f"/console/subscriptions/{place.mall}/", f"/console/companies/{place.vendor.ulid}/",
        f"/console/questions/{Ticket.objects.get().ulid}/",
    ]  # fmt: skip
    return [*found, arrival, f"/console/servers/{change.ulid}/"] + [
        f"/console/invoices/{one.ulid}/" for one in Invoice.objects.all()[:1]
    ]


@pytest.fixture
def operator(db):
    return User.objects.create_user(email="op@example.test", name="Olga", is_staff=True, is_superuser=True)


@pytest.fixture
def account(pages, owner, operator, now):
    """Every address of the vendor's own pages, with an access that support asked for and one that is open."""
    place = Place.objects.get()
    for hours in (3, 24):
        grant = access.ask(place=place, reason="订单列表为空", hours=hours, operator=operator, now=now)
    access.decide(ulid=grant.ulid, vendor=place.vendor, given=True, actor=f"user:{owner.public_id}", now=now)
    for what, status in (
        ("GET /backoffice/orders/", 200),
        ("POST /backoffice/orders/01JZZZZZZZZZZZZZZZZZZZZZZZ/ship", 403),
    ):
        access.note_act(grant=grant.ulid, mall=place.mall, what=what, status=status, at=now)
    malls = f"/account/malls/{place.mall}"
    invoices = [f"/account/invoices/{one.ulid}" for one in Invoice.objects.all()[:1]]
    return [
        "/account/", malls, f"{malls}/subscription", f"{malls}/domains", f"{malls}/leaving", "/account/invoices", *invoices,
        "/account/support", f"/account/support/{Ticket.objects.get().ulid}", "/account/access", "/account/verification",
        "/account/agreements",
    ]  # fmt: skip


def signed_in(user):
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans", HTTP_HOST="localhost")
    client.force_login(user)
    return client


def test_every_page_is_pictured_at_both_sizes(pages, account, operator, owner):
    console, vendor = signed_in(operator), signed_in(owner)
    # Before the browser begins: in its event loop Django would take another connection, which sees nothing of this.
    replies = {address: console.get(address) for address in pages} | {one: vendor.get(one) for one in account}
    assert {address: reply.status_code for address, reply in replies.items() if reply.status_code != 200} == {}

    def answer(route):
        path = route.request.url.removeprefix("http://localhost")
        if path in replies:
            return route.fulfill(body=replies[path].content, content_type=replies[path]["Content-Type"])
        file = finders.find(path.removeprefix("/static/").partition("?")[0]) if path.startswith("/static/") else None
        kind = KINDS.get(Path(str(file)).suffix, "application/octet-stream")
        return route.fulfill(body=Path(file).read_bytes(), content_type=kind) if file else route.fulfill(status=404)

    wide = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        for size, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
            page.route("**/*", answer)
            for address in (one for one in replies if re.search(ONLY, f"{size}{one}")):
                page.goto(f"http://localhost{address}")
                page.wait_for_timeout(150)
                name = address.strip("/").replace("/", "_") or "start"
                page.screenshot(path=str(Path(FOLDER) / f"{size}_{name}.png"), full_page=True)
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if over > 1:
                    wide.append((size, address, over))
            page.close()
        browser.close()
    assert wide == []
