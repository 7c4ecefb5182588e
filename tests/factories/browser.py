"""A browser of one mall for tests: after each request the test's own mall is active again on the connection."""

from typing import Any

from django.db import connection
from django.test import Client


class MallClient(Client):
    """`MallClient("beauty.localhost")`; the middleware leaves a trap behind, which a test must not fall into."""

    def __init__(self, host: str = "grocery.localhost", **defaults: Any) -> None:
        super().__init__(HTTP_HOST=host, **defaults)

    def request(self, **request: Any) -> Any:
        before = connection.tenant
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(before)
