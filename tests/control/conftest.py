"""The cast of control's tests: a cell with room, an owner with a verified phone, and a way to sign up."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine

from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run
from saas.identity.models import User
from saas.tenants.vendors import services as vendors

NOW = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def cell(db: None) -> object:
    return vendors.ensure_cell(cell_id="c1", internal_origin="http://127.0.0.1:8100")


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user(phone="+8613800138000", phone_verified=True, name="Lin Yue")


@pytest.fixture
def sign_up(cell: object, owner: User, now: dt.datetime) -> Callable[..., Run]:
    """Signs `owner` up; any part may be given otherwise."""

    def run(**changes: object) -> Run:
        values: dict[str, object] = {
            "owner": owner,
            "company": "Hangzhou Green Basket Co., Ltd.",
            "contact_name": "Lin Yue",
            "mall_name": "Green Basket",
            "subdomain": "greenbasket",
            "plan_code": "growth",
            "key": "signup-1",
            "actor": f"user:{owner.public_id}",
            "now": now,
            **changes,
        }
        return provisioning.sign_up(**values)  # type: ignore[arg-type]

    return run


@pytest.fixture
def time_machine_at_start() -> Iterator[object]:
    """The clock, standing still until it is shifted (seconds)."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False) as traveller:
        yield traveller
