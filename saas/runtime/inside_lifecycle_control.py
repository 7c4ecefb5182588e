"""Functions of the control role behind `mall restore`, `export`, `import` (saas.runtime.call)."""

from typing import Any

from django.db.models import Q

from billing import selectors as billing
from billing.rules import SEEDS
from provisioning.archives import findings
from provisioning.lifecycle import services as lifecycle
from provisioning.orchestrator import services as orchestrator
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.runtime import inside_control
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place


def _place(name: str) -> Place:
    found = Place.objects.exclude(state="removed").filter(Q(mall=name) | Q(subdomain=name)).first()
    if found is None:
        raise NotFound
    return found


def restore(*, mall: str, backup: str, subdomain: str, name: str, reason: str, opening: bool) -> dict[str, Any]:
    """Have a mall made from a backup; wait for the end of the run. It is held, unless it is opened at once."""
    run = orchestrator.restore_mall(
        mall=mall, backup=backup, name=name, subdomain=subdomain, reason=reason, key=f"restore:{new_ulid()}",
        actor="system", now=now(),
    )  # fmt: skip
    done = inside_control.follow(run.ulid)
    if opening and done["state"] == "succeeded":
        lifecycle.open_held_mall(mall=done["mall"], reason=reason, actor="system", now=now())
    return done


def export(*, mall: str, reason: str) -> dict[str, Any]:
    """Have a mall exported; wait for the end of the run."""
    row = lifecycle.request_export(mall=_place(mall).mall, reason=reason, actor="system", now=now())
    return inside_control.follow(row.run)


def differences(
    *, subdomain: str, plan: str, entitlements: dict[str, Any], counts: dict[str, int]
) -> dict[str, list[str]]:
    """What this installation would give the mall instead of what it had; and what keeps it from being made."""
    problems, lines = [], []
    try:
        lines.append(f"address: {vendors.check_subdomain(subdomain)}")
    except DomainError as error:
        problems.append(error.text)
    try:
        sold = billing.plan_by_code(plan or SEEDS[0].code)
    except DomainError:
        return {"lines": lines, "problems": [*problems, f"there is no plan {plan}"]}
    ours = sold.features.model_dump(mode="json")  # as the file has it: a list, not a tuple
    lines.append(f"plan: {sold.code}")
    told = findings.differences(entitlements, counts, ours)
    lines += [f"right {one.feature}: {one.there} there, {one.here} here" for one in told if not one.over]
    lost = sorted(set(entitlements.get("modes") or []) - set(ours.get("modes") or []))
    if lost:
        lines.append(f"modes that the plan here does not have: {', '.join(lost)}")
    lines += [
        f"{one.feature}: {one.there} in the file, the plan allows {one.here}: nothing is lost, nothing can be added"
        for one in told
        if one.over
    ]
    return {"lines": lines, "problems": problems}


def import_mall(
    *, staged: dict[str, str], name: str, subdomain: str, owner: str, plan: str, opening: bool
) -> dict[str, Any]:
    """Have a mall made from a staged export; wait for the end. A run that failed is rolled back: nothing is left."""
    person = inside_control.ensure_person(owner, None, name)
    run = orchestrator.import_mall(
        owner=person, name=name, subdomain=subdomain, plan_code=plan or SEEDS[0].code, file=staged["file"],
        sha256=staged["sha256"], key=f"import:{staged['sha256']}:{subdomain}", actor="system", now=now(),
    )  # fmt: skip
    done = inside_control.follow(run.ulid)
    if done["state"] == "failed":
        back = orchestrator.roll_back(
            mall=done["mall"], key=f"unmake:{run.ulid}", actor="system", now=now(), reason="the import failed"
        )
        inside_control.follow(back.ulid)
    elif opening and done["state"] == "succeeded":
        lifecycle.open_held_mall(mall=done["mall"], reason="asked for with the import", actor="system", now=now())
    return done
