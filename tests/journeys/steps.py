"""What the journeys have in common: a mall of their own, signing in, waiting, moving time, looking at the books."""

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from saas.runtime.postgres import Postgres
from tests.journeys.conftest import Installation, Person, text_of

_ASKED = """() => {
  window.asked = true;
  document.addEventListener("htmx:afterSettle", () => { window.asked = false; }, { once: true });
}"""
_ANSWERED = "() => !window.asked && document.readyState === 'complete'"


@dataclass(frozen=True)
class JourneyMall:
    """A mall that a journey makes: its subdomain, name, and the phone of its owner."""

    installation: Installation
    subdomain: str
    name: str
    owner: str
    plan: int = 0  # which of the plans on offer

    def at(self, path: str = "/") -> str:
        """An address in it."""
        return self.installation.mall(self.subdomain, path)

    def sign_in(self, who: Person, phone: str, *, next_path: str = "/me") -> None:
        """By code: the account is made at the first time."""
        who.page.goto(self.at(f"/auth/code/?next={next_path}"))
        who.page.fill("[name=target]", phone)
        who.page.check("[name=agree]")
        who.page.locator("main form button[type=submit]").first.click()
        who.page.wait_for_selector("[name=code]")
        code = self.installation.latest_code(who, self.at("/_mailbox"))
        who.page.fill("[name=code]", code)
        who.page.locator("main form button[type=submit]").first.click()
        who.page.wait_for_url(f"**{next_path}*")

    def sign_up(self, owner: Person) -> None:
        """A company gets its mall on the public site and sees each step of its making."""
        page = owner.page
        page.goto(self.installation.site())
        owner.see("landing")
        page.goto(self.installation.site("/pricing"))
        owner.see("pricing")
        page.goto(self.installation.site("/signup"))
        page.fill("[name=company]", "绿野集(成都)商贸有限公司")
        page.fill("[name=contact_name]", "周岚")
        page.fill("[name=target]", self.owner)
        page.fill("[name=mall_name]", self.name)
        page.fill("[name=subdomain]", "admin")
        expect(
            page.locator(
                "#subdomain-answer .errorlist, #subdomain-answer [role=alert], #subdomain-answer .text-error"
            ).first
        ).to_be_visible()
        page.fill("[name=subdomain]", self.subdomain)
        page.locator("[name=plan]").nth(self.plan).check()
        page.check("[name=service]")
        page.check("[name=data]")
        owner.see("signup")
        page.locator("main form button[type=submit], form.form-stack button[type=submit]").first.click()
        page.wait_for_selector("[name=code]")
        code = self.installation.latest_code(owner, self.installation.site("/_mailbox"))
        page.fill("[name=code]", code)
        owner.see("code")
        page.locator("form.form-stack button[type=submit]").first.click()
        page.wait_for_selector("[data-run]")
        owner.see("provisioning")
        page.wait_for_selector("[data-run=succeeded]")
        owner.see("ready")
        expect(page.locator("[data-step-state=success]")).to_have_count(page.locator("[data-step-state]").count())
        page.locator("a[href*='/account/malls/']").click()
        owner.see("account")
        page.locator("form[action$='/enter'] button").click()
        page.wait_for_url(f"**//{self.subdomain}.localhost:*/backoffice/**")
        owner.see("backoffice")

    def let_time_pass(self, days: int) -> None:
        """Every stored instant of orders, and every schedule, lies `days` further back: nobody waits a week in a test."""
        server = Postgres(self.installation.home)
        with psycopg.connect(server.url("cell_c1", "mallwright_owner"), autocommit=True) as connection:
            (schema,) = connection.execute("SELECT schema_name FROM malls_mall WHERE name = %s", [self.name]).fetchone()
            columns = connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = 'orders_order'"
                " AND data_type LIKE 'timestamp%%'",
                [schema],
            ).fetchall()
            moved = ", ".join(f"{name} = {name} - interval '{days} days'" for (name,) in columns)
            connection.execute(f'UPDATE "{schema}".orders_order SET {moved}')
            connection.execute(
                f"UPDATE bus_outboxevent SET available_at = available_at - interval '{days} days' WHERE done_at IS NULL"
            )

    def trial_balance_is_zero(self) -> None:
        """The book of the mall adds up and nothing is left in clearing, read from the tables themselves."""
        server = Postgres(self.installation.home)
        with psycopg.connect(server.url("cell_c1", "mallwright_owner"), autocommit=True) as connection:
            (schema,) = connection.execute("SELECT schema_name FROM malls_mall WHERE name = %s", [self.name]).fetchone()
            totals = connection.execute(
                f'SELECT asset, sum(amount), count(*) FROM "{schema}".ledger_posting GROUP BY asset'
            ).fetchall()
            assert {asset: total for asset, total, _ in totals} == dict.fromkeys((asset for asset, _, _ in totals), 0)
            assert sum(count for _, _, count in totals) > 10
            open_clearing = connection.execute(
                f'SELECT a.code, e.document, sum(p.amount) FROM "{schema}".ledger_posting p'
                f' JOIN "{schema}".ledger_account a ON a.id = p.account_id JOIN "{schema}".ledger_entry e ON e.id = p.entry_id'
                " WHERE a.code LIKE 'clearing.%%' GROUP BY 1, 2 HAVING sum(p.amount) <> 0"
            ).fetchall()
            assert open_clearing == []


def wait_for(page: Page, path: str, pattern: str, *, seconds: int = 120) -> None:
    """Open a page when its text matches: it is asked for until then, which costs less than to draw it again and again."""
    end = time.monotonic() + seconds
    for turn in itertools.count():
        asked = text_of(page, path) if turn else ""
        if turn % 10 == 0 or re.search(pattern, re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", asked))):
            page.goto(path)  # now and then in any case: what is shown is not always what stands in the text
            if re.search(pattern, page.locator("body").inner_text()):
                return
        if time.monotonic() > end:
            break
        page.wait_for_timeout(300)
    pytest.fail(f"{path} never showed {pattern!r}: {page.locator('body').inner_text()[:800]}")


def answered(page: Page, act: Callable[[], object]) -> None:
    """Do what sends something, and wait for its answer: the next page, or the part of this one that htmx puts in."""
    page.evaluate(_ASKED)
    act()
    page.wait_for_function(_ANSWERED)


def press(button: Locator) -> None:
    """Press a button that sends something, and wait for the answer."""
    answered(button.page, button.click)
