"""A mall on the growth plan in rehearsal, its subscription, and the round of jobs at a given day."""

import datetime as dt
from collections.abc import Callable

import pytest

from billing.models import Subscription
from billing.services import dunning, metering, money, renewal
from saas.kernel.clock import CHINA
from saas.ledger import selectors as ledger
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState


def at(year: int, month: int, day: int, hour: int = 9) -> dt.datetime:
    """A moment in China."""
    return dt.datetime(year, month, day, hour, tzinfo=CHINA)


def jobs(now: dt.datetime) -> None:
    """Billing's round, as the task runs it."""
    metering.bill_usage_due(now=now)
    renewal.renew_due(now=now)
    dunning.dun_all(now=now)


@pytest.fixture
def subscription(sign_up, now) -> Subscription:
    place = sign_up().place
    vendors.change_place_state(mall=place.mall, wanted=PlaceState.REHEARSAL, actor="provisioning", now=now)
    return Subscription.objects.select_related("vendor", "version").get(mall=place.mall)


@pytest.fixture
def pay(subscription) -> Callable[..., None]:
    """Money arrives at the bank and is matched to the vendor."""

    def run(amount: int, now: dt.datetime, reference: str = "") -> None:
        transfer = money.enter_transfer(
            reference=reference or f"BANK-{now:%Y%m%d%H}-{amount}",
            amount=amount,
            payer_name="Hangzhou Green Basket Co., Ltd.",
            received_on=now.date(),
            actor="user:op",
            now=now,
        )
        money.match_transfer(transfer_id=transfer.pk, vendor=subscription.vendor, actor="user:op", now=now)

    return run


@pytest.fixture(autouse=True)
def sound_book(request: pytest.FixtureRequest):
    """Whatever a test does, the platform's book stays sound and clears."""
    if "db" in request.fixturenames:
        request.getfixturevalue("db")
    yield
    if "db" in request.fixturenames:
        assert ledger.check_ledger() == []
        assert sum(row.posted for row in ledger.trial_balance()) == 0
