"""A buyer of the bench of pages: what a browser sends, from the cart to the cashier."""

import http.client
import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from saas.runtime.bench.load import Result, measure
from saas.runtime.processes import Ports


class Buyer:
    """A signed-in member who buys one piece at a time: cart, checkout, order, channel, cashier, paid.

    `wait_until_paid` is given the order's ULID: it looks into the database from outside, so that what is measured is
    not the buyer's impatience. (The page itself asks every three seconds.)
    """

    def __init__(
        self,
        host: str,
        facts: dict[str, Any],
        shopper: dict[str, str],
        ports: Ports,
        place: int,
        buyers: int,
        wait_until_paid: Callable[[str], None],
    ) -> None:
        self.host = host
        self.product = f"/p/{facts['product']}"  # its form brings the first token
        self.skus = itertools.cycle(facts["skus"][place::buyers])
        self.address = shopper["address"]
        self.cookies = {"preview": facts["preview"], "sessionid": shopper["session"]}
        self.shop = http.client.HTTPConnection("127.0.0.1", ports.cell, timeout=30)
        self.wait_until_paid = wait_until_paid
        self.cashier = http.client.HTTPConnection("127.0.0.1", ports.sandbox, timeout=30)

    def buy(self) -> None:
        """One order from the first cart request to paid. Raises RuntimeError when a step does not answer as it should."""
        sku = next(self.skus)
        self._post("/cart/add", {"sku": sku, "quantity": "1"}, page=self.product)
        checkout = self._get(f"/checkout?sku={sku}")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', checkout))
        placed = self._post("/checkout", {**fields, "address": self.address})
        path = placed.headers["location"]
        begun = self._post(f"{path}/start", {"method": "native"}, wanted=(200,))
        token = re.search(r"/(?:qr|cashier)/([\w-]+)", begun.text)
        if token is None:
            raise RuntimeError(f"no cashier in the answer of {path}/start")
        self._pay(token.group(1))
        self.wait_until_paid(path.rsplit("/", 1)[1])

    def _pay(self, token: str) -> None:
        body = urlencode({"do": "pay", "back": ""})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.cashier.request("POST", f"/cashier/{token}", body, headers)
        answer = self.cashier.getresponse()
        answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"the cashier answered {answer.status}")

    def _get(self, path: str) -> str:
        answer = self._request("GET", path)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status}")
        return answer.text

    def _post(
        self, path: str, fields: dict[str, str], *, page: str = "", wanted: Sequence[int] = (302, 303)
    ) -> "Answer":
        if "csrftoken" not in self.cookies:
            self._get(page)
        token = self.cookies.get("csrftoken", "")
        answer = self._request("POST", path, urlencode({**fields, "csrfmiddlewaretoken": token}))
        if answer.status not in wanted:
            raise RuntimeError(f"POST {path}: {answer.status} {answer.text[:300]}")
        return answer

    def _request(self, method: str, path: str, body: str = "") -> "Answer":
        headers = {
            "Host": self.host,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"Content-Type": "application/x-www-form-urlencoded"} if body else {}),
        }
        self.shop.request(method, path, body or None, headers)
        response = self.shop.getresponse()
        text = response.read().decode(errors="replace")
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, text, {name.lower(): value for name, value in response.headers.items()})


class Answer:
    """What a page answered."""

    def __init__(self, status: int, text: str, headers: dict[str, str]) -> None:
        self.status, self.text, self.headers = status, text, headers


def purchases(buyers: list[Buyer], count: int) -> Result:
    """`count` purchases, each buyer one at a time; CPU is not metered."""
    waiting = list(buyers)

    def act(connection: http.client.HTTPConnection) -> None:
        buyer = waiting.pop()
        try:
            buyer.buy()
        finally:
            waiting.append(buyer)

    return measure(act, port=0, clients=len(buyers), requests=count, processes=list)
