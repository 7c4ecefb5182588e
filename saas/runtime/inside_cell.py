"""Functions that the runtime calls in the cell role (saas.runtime.call). Never imported by the command itself."""

from typing import Any

from django.db import connection, transaction
from django.utils.module_loading import import_string

from provisioning.executor import schema as template
from provisioning.rollouts import engine as rollout_engine
from provisioning.rollouts import selectors as rollouts
from provisioning.rollouts import services as rollout_services
from saas.identity.phones import normalise_phone
from saas.identity.services import users
from saas.kernel.clock import now
from saas.kernel.errors import NotFound
from saas.kernel.ids import new_ulid
from saas.runtime import inside
from saas.runtime.call import tell
from saas.tenants.malls import selectors as registry
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.design import selectors as design


def seed_mall(*, mall: str, seed: str, **data: Any) -> Any:
    """Run a seed (dotted name, called with `now` and `data`) inside a mall; its answer, plain data."""
    connection.set_schema_to_public()
    with in_mall(registry.mall_by_ulid(mall)):
        return import_string(seed)(now=now(), tell=tell, **data)


def preview_token(*, mall: str) -> str:
    """What to put behind `?preview=` to see a mall that rehearses; it holds for two weeks."""
    connection.set_schema_to_public()
    with in_mall(registry.mall_by_ulid(mall)) as active:
        return design.preview_token(active)


def set_password(*, mall: str, owner: str, password: str) -> None:
    """Give somebody of a mall a password: the demo's owner came by hand-over and has none."""
    connection.set_schema_to_public()
    with in_mall(registry.mall_by_ulid(mall)), transaction.atomic():
        person = users.find_user(owner if "@" in owner else normalise_phone(owner))
        if person is None:
            raise NotFound
        person.set_password(password)
        person.save(update_fields=["password"])


def roll_out(*, dry: bool, reason: str) -> dict[str, Any]:
    """Bring the malls that are behind to the code's migrations; only say which they are when `dry`. Run it as the owner."""
    connection.set_schema_to_public()
    version = template.migrations_hash()
    if dry:
        behind = rollouts.malls_behind(version)
        return {"version": version, "malls": [[one.schema_name, one.version] for one in behind]}
    if not rollout_services.take_lead():
        raise rollout_services.RolloutRuns
    try:
        rollout = rollouts.running() or rollout_services.start_rollout(
            ulid=new_ulid(), actor="system", reason=reason, now=now()
        )
        if rollout.finished_at is None:
            rollout_engine.roll_out(rollout, tell=tell)
        return rollouts.summary(rollout.ulid)
    finally:
        rollout_services.give_up_lead()


def retry_rollout(*, rollout: str) -> dict[str, Any]:
    """Take up the malls of a rollout that failed. Run it as the owner."""
    connection.set_schema_to_public()
    rollout_services.retry_rollout(ulid=rollout, now=now())
    return roll_out(dry=False, reason="")


def check_ledgers() -> list[dict[str, Any]]:
    """The book of every mall of this cell: its sums by asset, what does not clear, what cannot be."""
    connection.set_schema_to_public()
    malls = Mall.objects.exclude(state__in=["gone", "moved", "arriving", "creating"]).order_by("name")
    return [_check_in(mall) for mall in malls]


def _check_in(mall: Mall) -> dict[str, Any]:
    with in_mall(mall):
        return {"book": mall.name, **inside.book_state()}
