"""What a phone fetches for a page: bytes over the wire as Chromium counts them, its cache switched off. For development:
needs playwright and a Chromium (`CHROMIUM`, else /usr/bin/chromium)."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
MOST_BYTES = 350 * 1024  # first view of a phone
MOST_SCRIPT_BYTES = 60 * 1024


class Scales:
    """Weighs what a page fetches from `clear` on. Its browser caches nothing any more."""

    def __init__(self, page: Page) -> None:
        self._kinds: dict[str, str] = {}
        self.bytes: Counter[str] = Counter()
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._began)
        session.on("Network.loadingFinished", self._ended)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def clear(self) -> None:
        """Before the next page."""
        self._kinds.clear()
        self.bytes.clear()

    @property
    def total(self) -> int:
        """Everything, headers included."""
        return self.bytes.total()

    @property
    def scripts(self) -> int:
        """JavaScript alone."""
        return self.bytes["Script"]

    def told(self) -> str:
        """The parts, the heaviest first: `Image 120 KB, Script 44 KB`."""
        return ", ".join(f"{kind} {size / 1024:.0f} KB" for kind, size in self.bytes.most_common())

    def too_heavy(self) -> str:
        """What is above its limit, in words; empty when nothing is."""
        if self.scripts > MOST_SCRIPT_BYTES:
            return f"{self.scripts} bytes of JavaScript, at most {MOST_SCRIPT_BYTES}"
        return f"{self.total} bytes ({self.told()}), at most {MOST_BYTES}" if self.total > MOST_BYTES else ""

    def _began(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self._kinds[event["requestId"]] = event.get("type", "Other")

    def _ended(self, event: dict[str, Any]) -> None:
        kind = self._kinds.get(event["requestId"])
        if kind:
            self.bytes[kind] += int(event["encodedDataLength"])


@contextmanager
def phone() -> Iterator[Page]:
    """A page of a phone that has never been anywhere."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser.new_context(locale="zh-CN", **PHONE).new_page()
        browser.close()


def weigh(entrance: str, addresses: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Scales]]:
    """Open named pages on a phone after `entrance` has let it in; each with what it fetched, valid until the next."""
    with phone() as page:
        page.goto(entrance)
        scales = Scales(page)
        for name, address in addresses:
            scales.clear()
            page.goto(address, wait_until="networkidle")
            yield name, scales
