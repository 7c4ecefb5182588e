"""An export of another installation becomes a mall of this one, for a person who becomes or is its vendor."""

import datetime as dt

from django.db import transaction

from billing import selectors as billing
from billing import services as billing_services
from provisioning.orchestrator.models import Run
from provisioning.orchestrator.services import runs
from provisioning.orchestrator.services.signup import NameMissing
from provisioning.rules import RunKind
from saas.identity import audit
from saas.identity.models import User
from saas.support import services as support
from saas.support.services import verification
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState

NAME_LENGTH = 40


def import_mall(
    *,
    owner: User,
    name: str,
    subdomain: str,
    plan_code: str,
    file: str,
    sha256: str,
    key: str,
    actor: str,
    now: dt.datetime,
) -> Run:
    """Make a mall from an export that lies in the storage under `file`; it arrives held.

    The same `key` again returns the first run. Raises NameMissing, NotFound (plan), what check_subdomain raises,
    NoCellFree, VerificationNeeded: then nothing was made.
    """
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise NameMissing(field="name")
    plan = billing.plan_by_code(plan_code)
    with transaction.atomic():
        known = runs.run_of_key(key)
        if known is not None:
            return known
        vendor = vendors.ensure_vendor(
            owner=owner, company=name.strip(), contact_name=owner.name or name.strip(), now=now
        )
        verification.require_room(vendor)
        place = vendors.open_place(
            vendor=vendor, name=name.strip(), subdomain=subdomain, plan_code=plan.code, actor=actor, now=now
        )
        support.open_checklist(mall=place.mall, now=now)
        subscription = billing_services.start_subscription(
            vendor=vendor, mall=place.mall, plan_code=plan.code, actor=actor, now=now
        )
        order = {
            "host": vendor_facts.primary_host(place),
            "owner": {"phone": owner.phone or "", "email": owner.email, "name": owner.name},
            "entitlements": subscription.entitlements,
            "entitlements_version": subscription.entitlements_version,
            "import": {"file": file, "sha256": sha256, "arrive": PlaceState.HELD.value},
        }
        audit.record(actor, "mall.import_asked", target=f"mall:{place.mall}", sha256=sha256)
        run = runs.new_run(place=place, kind=RunKind.IMPORT, order=order, key=key, actor=actor, now=now)
        run.place = vendors.change_place_state(mall=place.mall, wanted=PlaceState.PROVISIONING, actor=actor, now=now)
    return run
