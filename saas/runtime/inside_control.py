"""Functions that the runtime calls in the control role (saas.runtime.call). Never imported by the command itself."""

import time
from typing import Any

from django.db import transaction
from django.db.models import Q

from billing import services as billing
from billing.rules import SEEDS
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator import services as orchestrator
from provisioning.orchestrator.rules import RETRYABLE
from saas.identity.models import User
from saas.identity.phones import normalise_phone
from saas.identity.services import users
from saas.kernel.clock import now
from saas.kernel.errors import NotFound
from saas.kernel.ids import new_ulid
from saas.runtime.call import tell
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place

_POLL_SECONDS = 0.3


def arrange(*, cell: str, origin: str) -> list[str]:
    """What control needs before the first vendor: the price list and this installation's cell. The plans added."""
    vendors.ensure_cell(cell_id=cell, internal_origin=origin)
    return billing.ensure_plans()


def add_operator(*, email: str, password: str, name: str) -> str:
    """An operator of the platform with every right; their public id. Raises what create_operator raises."""
    return users.create_operator(email=email, password=password, name=name, now=now()).public_id


def has_operator(*, email: str) -> bool:
    """Whether somebody with this address is an operator already."""
    return User.objects.filter(email__iexact=email, is_staff=True).exists()


def open_mall(
    *, key: str, name: str, subdomain: str, owner: str, password: str | None = None, company: str = "", plan: str = ""
) -> dict[str, Any]:
    """Sign a vendor up (phone or e-mail `owner`) and have the mall made by the real pipeline; wait for its end.

    The same key again picks up the first run, from the failed step if it failed. Each finished step is told as a progress line. The run as plain data.
    """
    person = ensure_person(owner, password, name)
    run = orchestrator.sign_up(
        owner=person,
        company=company or name,
        contact_name=person.name or name,
        mall_name=name,
        subdomain=subdomain,
        plan_code=plan or SEEDS[0].code,
        key=key,
        actor=f"user:{person.public_id}",
        now=now(),
    )
    if run.state in RETRYABLE:  # of an earlier call that failed: go on from the step that did
        run = orchestrator.retry_run(run_ulid=run.ulid, actor="system", now=now(), reason="asked for again")
    return follow(run.ulid)


def ensure_person(owner: str, password: str | None, name: str) -> User:
    """The person with this phone or e-mail address, made if there is none."""
    address = owner if "@" in owner else normalise_phone(owner)
    found = users.find_user(address)
    if found is not None:
        return found
    with transaction.atomic():
        if "@" in address:
            return User.objects.create_user(email=address, password=password, name=name)
        return User.objects.create_user(phone=address, phone_verified=True, password=password, name=name)


def follow(ulid: str) -> dict[str, Any]:
    """Wait until the run has ended, telling each step once."""
    told: set[str] = set()
    while True:
        view = runs.run_view(ulid)
        for step in view.steps:
            line = f"{step.name}: {step.state}"
            if line not in told:
                told.add(line)
                tell(line)
        if not view.is_active:
            return {
                "run": view.run.ulid,
                "state": view.run.state,
                "mall": view.run.place.mall,
                "host": vendor_facts.primary_host(view.run.place),
                "seconds": view.seconds,
                "log": "\n".join(step.log for step in view.steps if step.state == "failure")[-1500:],
            }
        time.sleep(_POLL_SECONDS)


def move_mall(*, mall: str, target: str, way: str, keep_days: int, reason: str) -> dict[str, Any]:
    """Have a mall (ULID or subdomain) moved to another cell and wait for the end of the run; each step is told."""
    place = Place.objects.exclude(state="removed").filter(Q(mall=mall) | Q(subdomain=mall)).first()
    if place is None:
        raise NotFound
    run = orchestrator.move_mall(
        mall=place.mall, target=target, way=way, keep_days=keep_days, reason=reason, key=f"move:{new_ulid()}",
        actor="system", now=now(),
    )  # fmt: skip
    return follow(run.ulid)


def malls() -> list[dict[str, str]]:
    """Every mall of the platform that was not removed: name, host, state."""
    places = Place.objects.exclude(state="removed").order_by("pk")
    return [
        {"mall": place.mall, "name": place.name, "host": vendor_facts.primary_host(place), "state": place.state}
        for place in places
    ]
