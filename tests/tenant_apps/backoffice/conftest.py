"""The console as each role opens it."""

import pytest
from django.conf import settings

from saas.identity.roles import Role
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff


def signed_in(user, host="grocery.localhost"):
    client = MallClient(host)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def texts(answer):
    """The messages that the next page would show."""
    return [str(message) for message in answer.wsgi_request._messages] if hasattr(answer, "wsgi_request") else []


@pytest.fixture
def owner(grocery):
    return signed_in(make_staff(Role.OWNER, name="Owner"))


@pytest.fixture
def finance(grocery):
    return signed_in(make_staff(Role.FINANCE, name="Finance"))


@pytest.fixture
def goods(grocery):
    return signed_in(make_staff(Role.GOODS, name="Goods"))


@pytest.fixture
def clerk(grocery):
    return signed_in(make_staff(Role.ORDERS, name="Clerk"))


@pytest.fixture
def shopper(grocery):
    return signed_in(make_member(name="Shopper").user)
