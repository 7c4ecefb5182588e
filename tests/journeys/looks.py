"""Every page a shopper or a seller can reach, in a real browser: no fault for axe, nothing wider than the screen, nothing
heavier than a phone should fetch.

Pages are found by following links from where people begin, signed in as the people of the earlier journeys, so a new page
is looked at as soon as something leads to it.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Response

from saas.runtime.bench.weight import Scales
from tests.journeys import line, money, shopping, subsidy
from tests.journeys.conftest import PHONE, Installation, Person
from tests.journeys.steps import JourneyMall
from tests.journeys.takeaway import preview_token

LEFT_OUT = ("/backoffice", "/media", "/auth/logout", "/language", "/_", "/me/export", "/enter")
BEGIN = ("/", "/me", "/cart", "/search?q=茶", "/orders", "/seller", "/auth/login/", "/auth/code/")
# Following links has to come by these at least.
REACHED = """/ /c/ /p/* /cart /search /orders /orders/* /me /me/profile /me/addresses /wallet /wallet/award/* /withdraw
    /team /poster /coupons /vouchers /seller /legal/*"""
# What somebody sees who has never signed in.
STRANGERS = ("/", "/c/", "/search?q=茶", "/search", "/cart", "/auth/login/", "/auth/code/")


def walk(installation: Installation, person: Callable[..., Person]) -> None:
    """Look at every page of the malls as their members and sellers."""
    looker = Looker()
    for subdomain, phone in (
        (line.SUBDOMAIN, line.SHOPPER),
        (line.SUBDOMAIN, line.REFERRER),
        ("linli", money.PHONES["agent"]),
        ("linli", money.PHONES["keeper"]),
        ("huacai", shopping.SHOPPER),
        (subsidy.SUBDOMAIN, subsidy.PHONES["anna"]),
        (subsidy.SUBDOMAIN, subsidy.PHONES["keeper"]),
    ):
        mall = JourneyMall(installation, subdomain, "", "")
        who = person(f"looks-{phone[-2:]}")
        who.page.goto(mall.at(f"/?preview={preview_token(installation, subdomain)}"))
        looker.weigh(who.page)
        if not looker.looked:
            looker.as_stranger(mall, who.page)
        mall.sign_in(who, phone)
        looker.follow(mall, who.page)
    assert not looker.faults, "\n".join(looker.faults)
    missed = set(REACHED.split()) - looker.looked
    assert not missed, f"no link led to {sorted(missed)}"


class Looker:
    """Follows links, one page of each kind in a mall, looks once at each kind and keeps what it found."""

    def __init__(self) -> None:
        self.looked: set[str] = set()
        self.faults: list[str] = []
        self._axe = Axe()

    def weigh(self, page: Page) -> None:
        """From now on count what this page fetches."""
        self._scales = Scales(page)

    def as_stranger(self, mall: JourneyMall, page: Page) -> None:
        """Look at the pages that people come in by before anybody knows them, a product among them."""
        product = ""
        for path in STRANGERS:
            self._open(mall, page, path)
            self.looked.add(f"{path} (stranger)")
            self._look(f"{path} (stranger)", page)
            link = page.locator("a.card-link").first
            product = product or (link.get_attribute("href") or "" if link.count() else "")
        assert product, f"{mall.subdomain} shows no product to strangers"
        self._open(mall, page, product)
        self._look("/p/* (stranger)", page)

    def _open(self, mall: JourneyMall, page: Page, path: str) -> Response | None:
        self._scales.clear()
        try:
            return page.goto(mall.at(path))
        except PlaywrightError as error:
            if "Download is starting" not in error.message:
                raise
            return None  # a file, no page

    def follow(self, mall: JourneyMall, page: Page) -> None:
        seen: set[str] = set()
        waiting = list(BEGIN)
        while waiting:
            path = waiting.pop(0)
            kind = _kind(urlsplit(path).path)
            if kind in seen or kind.startswith(LEFT_OUT):
                continue
            seen.add(kind)
            answer = self._open(mall, page, path)
            if answer is None or "html" not in answer.headers.get("content-type", ""):
                continue
            if answer.status >= 400:
                self.faults.append(f"{path}: a link leads to {answer.status}")
            if kind not in self.looked and _kind(urlsplit(page.url).path) == kind:
                self.looked.add(kind)
                self._look(kind, page)
            for link in page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)"):
                parts = urlsplit(link)
                if f"{parts.scheme}://{parts.netloc}" == mall.at("").rstrip("/"):
                    waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))

    def _look(self, kind: str, page: Page) -> None:
        for found in self._axe.run(page).response["violations"]:
            self.faults.append(f"{kind}: {found['id']}: {found['nodes'][0]['html'][:200]}")
        if heavy := self._scales.too_heavy():
            self.faults.append(f"{kind}: {heavy}")
        for width in (PHONE["viewport"]["width"], 1280):
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                self.faults.append(f"{kind}: wider than {width}")
        page.set_viewport_size(PHONE["viewport"])


def _kind(path: str) -> str:
    return re.sub(r"^/(c|b|z|s|legal)/.+$", r"/\1/*", re.sub(r"[0-9A-Z]{26}", "*", path))
