"""Fixtures of the whole suite. Databases come ready from tests.environment; nothing here migrates."""

import gc
from collections.abc import Callable, Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections

from tests import environment, order
from tests.aws import _moto, aws  # noqa: F401
from tests.dns import name_server  # noqa: F401

# A busy machine is no fault of a property: cases are counted, never timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side the longest files begin first, so that no process is left with one at the end."""
    if config.getoption("loadscopereorder", True) is False:
        order.arrange(items, environment.HOME)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """What the collection has loaded stays: the collector of garbage need not look at it again and again in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The worker's database exists already (tests.environment)."""


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if {"db", "committed"} & set(request.fixturenames):
        from django.core.cache import caches

        for alias in settings.CACHES:
            caches[alias].clear()


@pytest.fixture
def committed(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Real commits, for tests with threads or processes; afterwards the database is made anew from the base."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        for one in connections.all():
            one.close()
            one.close_pool()
        environment.fresh_database()


@pytest.fixture
def drain() -> Callable[[], int]:
    """Deliver every event that is due, in this process, until none is left; how many were delivered.

    A handler that fails fails the test.
    """

    def run(*, until: object = None) -> int:
        from saas.config.delivery import run_delivery
        from saas.kernel.clock import real_now as now
        from saas.messaging.bus import services as bus

        delivered = 0
        previous = getattr(connection, "tenant", None)
        while due := bus.due_events(now=until or now()):
            for event_id, mall, fact in due:
                assert run_delivery(event_id=event_id, mall=mall, fact=fact), f"event {event_id} failed"
                delivered += 1
        if previous is not None:
            connection.set_tenant(previous)
        return delivered

    return run


if settings.ROLE == "cell":

    @pytest.fixture
    def grocery(db: None) -> Iterator[object]:
        """The grocery mall, active on the connection: the mall of most tests."""
        yield from _in_mall("t_test_grocery")

    @pytest.fixture
    def beauty(db: None) -> Iterator[object]:
        """The beauty mall, active on the connection: the other one."""
        yield from _in_mall("t_test_beauty")

    @pytest.fixture
    def rehearsing(grocery: object) -> object:
        """The grocery mall before its opening: nothing takes two persons yet."""
        from django_tenants.utils import schema_context

        from saas.kernel.clock import now
        from saas.tenants.malls import services
        from saas.tenants.malls.models import Mall
        from saas.tenants.malls.rules import MallState

        services.change_state(grocery.ulid, MallState.SUSPENDED, now=now())  # type: ignore[attr-defined]
        services.change_state(grocery.ulid, MallState.REHEARSAL, now=now())  # type: ignore[attr-defined]
        with schema_context("public"):
            Mall.objects.filter(ulid=grocery.ulid).update(live_at=None)  # type: ignore[attr-defined]
        grocery.state, grocery.live_at = MallState.REHEARSAL, None  # type: ignore[attr-defined]
        return grocery

    def _in_mall(schema: str) -> Iterator[object]:
        from django_tenants.utils import schema_context

        from saas.tenants.malls.activation import in_mall
        from saas.tenants.malls.models import Mall

        with schema_context("public"):
            mall = Mall.objects.get(schema_name=schema)
        with in_mall(mall):
            yield mall


def pytest_ignore_collect(collection_path: object) -> bool | None:
    """`tests/control` runs in the control role, `tests/architecture` in both, everything else in the cell role."""
    parts = collection_path.parts  # type: ignore[attr-defined]
    if "tests" not in parts:
        return None
    inside = parts[parts.index("tests") + 1 :]
    if not inside or inside[0] == "architecture":
        return None
    return True if (inside[0] == "control") != (settings.ROLE == "control") else None
