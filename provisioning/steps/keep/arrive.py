"""Proof that the mall made from a file is that mall; then it is there for people to look at."""

import json
from typing import Any

import psycopg
from django.db import connection, transaction

from provisioning.archives import rules, selectors, services, snapshot
from provisioning.executor import schema as template
from provisioning.rules import NotRepeatable
from provisioning.steps import smoke_test, starter_data
from provisioning.steps.context import Context
from provisioning.steps.keep import arrival
from provisioning.steps.keep.plan import RestorePlan
from saas.identity import audit, roles
from saas.kernel.crashpoint import crashpoint
from saas.kernel.ids import new_ulid
from saas.ledger import seals
from saas.ledger import selectors as ledger
from saas.messaging.bus import moving as events
from saas.tenants.malls import selectors as registry
from saas.tenants.malls import services as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState


class BookUnsound(NotRepeatable):
    """The book of the new mall is not that of the file, or does not hold."""


def ensure(context: Context) -> str:
    """Compare the trial balance, check book and seals, ask the storefront for its home page, open it as ordered."""
    if "import" in context.order:
        with arrival.opened(context) as reader:
            manifest, waiting = reader.manifest, [json.loads(line) for line in reader.lines(rules.EVENTS)]
        arrive, source = str(context.order["import"]["arrive"]), str(manifest["mall"]["ulid"])
    else:
        plan = RestorePlan.of(context)
        with services.opened_backup(selectors.backup(plan.backup).name) as (reader, _path):
            manifest, waiting = reader.manifest, [json.loads(line) for line in reader.lines(rules.EVENTS)]
        arrive, source = plan.arrive, plan.source
    mall = context.registered()
    lines = prove_book(mall, manifest["trial_balance"])
    malls.copy_entitlements(mall, context.entitlements, version=context.entitlements_version)
    if mall.state == MallState.CREATING:
        _open_to_owner(context, mall, source)
        seconds = smoke_test.check_storefront(context)
        crashpoint("provision.arrive.proved")
        count = _settle(mall, manifest["mall"], arrive, waiting)
    else:
        seconds, count = 0.0, len(waiting)
    registry.forget_mall(mall)
    return (
        f"{lines} families of the book agree and it is sound; storefront answered 200 in {seconds * 1000:.0f} ms;"
        f" {count} events wait; {arrive}"
    )


def prove_book(mall: Mall, wanted: list[dict[str, Any]]) -> int:
    """Compare the trial balance of a mall with that of a file and recompute its book; families. Raises BookUnsound."""
    with psycopg.connect(template.owner_url()) as plain:
        found = snapshot.trial_balance(plain, mall.schema_name)
    if found != wanted:
        raise BookUnsound(f"the trial balance differs: {found} instead of {wanted}")
    with in_mall(mall):
        faults = [*ledger.check_ledger(), *seals.verify_seals()]
    if faults:
        raise BookUnsound("; ".join(f"{one.what} {one.where} {one.detail}" for one in faults[:10]))
    return len(found)


def _open_to_owner(context: Context, mall: Mall, source: str) -> None:
    with in_mall(mall), transaction.atomic():
        roles.ensure_roles()
        starter_data.ensure_owner(context.owner)
        audit.record("provisioning", "mall.arrived", target=f"mall:{context.mall}", run=context.run, source=source)


def _settle(mall: Mall, facts: dict[str, Any], arrive: str, waiting: list[dict[str, Any]]) -> int:
    """State, age and what was still to be done, in one transaction; events wait until a held mall is opened."""
    wanted = MallState(arrive)
    chosen = waiting if wanted is MallState.HELD else [
        one for one in waiting if not str(one["topic"]).startswith(rules.SPEAKS_OUTSIDE)
    ]  # fmt: skip
    with psycopg.connect(template.owner_url()) as plain:
        snapshot.insert_events(plain, mall.ulid, [{**one, "event_id": new_ulid()} for one in chosen])
        if wanted is MallState.HELD:
            events.park(plain, mall.ulid)
        live_at = facts["live_at"] if wanted is MallState.HELD else None
        plain.execute(
            "UPDATE public.malls_mall SET state = %s, live_at = %s WHERE ulid = %s AND state = 'creating'",
            [wanted.value, live_at, mall.ulid],
        )
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return len(chosen)


def remove(context: Context) -> str:
    """Take the mall out of use and forget its events. A mall that works refuses."""
    said = smoke_test.remove(context)
    with psycopg.connect(template.owner_url()) as plain:
        events.forget_events(plain, context.mall)
    return said
