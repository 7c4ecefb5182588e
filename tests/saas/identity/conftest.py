"""Browsers of the two malls."""

from collections.abc import Callable

import pytest

from saas.messaging.notices.models import Notice
from tests.factories.browser import MallClient

HOSTS = {"grocery": "grocery.localhost", "beauty": "beauty.localhost"}


@pytest.fixture
def browser() -> Callable[..., MallClient]:
    """A fresh browser that speaks to one mall."""

    def make(mall: str = "grocery", **extra: str) -> MallClient:
        return MallClient(HOSTS[mall], **extra)

    return make


def last_code(target: str) -> str:
    """The code last sent to a phone or an address in the active mall."""
    notices = Notice.objects.filter(kind="sign_in_code")
    notices = notices.filter(to_email=target) if "@" in target else notices.filter(to_phone=target)
    text = notices.latest("pk").body
    return "".join(character for character in text if character.isdigit())[:6]
