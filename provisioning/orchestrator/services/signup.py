"""A verified person becomes a vendor with a mall under way: vendor, place, acceptances, checklist and run at once."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing import selectors as billing
from billing import services as billing_services
from provisioning.orchestrator.models import Run
from provisioning.orchestrator.services import runs
from saas.identity.models import User
from saas.kernel.errors import InvalidInput
from saas.support import services as support
from saas.support.services import verification
from saas.tenants import presets
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import AgreementKind


class NameMissing(InvalidInput):
    """Company, contact or mall name is empty or too long."""

    code = "name_missing"
    message = _("Please fill in this field.")


class PresetUnknown(InvalidInput):
    """There is no business model of that key."""

    code = "preset_unknown"
    message = _("There is no such business model.")


def sign_up(
    *,
    owner: User,
    company: str,
    contact_name: str,
    mall_name: str,
    subdomain: str,
    plan_code: str,
    agreements: Sequence[str] = tuple(AgreementKind),
    key: str,
    actor: str,
    now: dt.datetime,
    address: str | None = None,
    preset: str = "",
) -> Run:
    """Open a mall for `owner`, a user of control whose phone or e-mail is verified; the run that makes it.

    `preset` names the set of settings that the new mall starts with; empty: none. The same `key` again returns the first run and changes nothing. Raises NameMissing, AgreementMissing, NotFound
    (plan), PresetUnknown, SubdomainMalformed, SubdomainReserved, SubdomainTaken, NoCellFree, VerificationNeeded: then nothing was made.
    """
    for field, text, limit in (
        ("company", company, 80),
        ("contact_name", contact_name, 60),
        ("mall_name", mall_name, 40),
    ):
        if not 1 <= len(text.strip()) <= limit:
            raise NameMissing(field=field)
    if preset and preset not in presets.KEYS:
        raise PresetUnknown(field="preset")
    plan = billing.plan_by_code(plan_code)
    with transaction.atomic():
        known = runs.run_of_key(key)
        if known is not None:
            return known
        vendor = vendors.ensure_vendor(owner=owner, company=company.strip(), contact_name=contact_name.strip(), now=now)
        verification.require_room(vendor)
        if not owner.name:
            owner.name = contact_name.strip()
            owner.save(update_fields=["name"])
        vendors.accept_agreements(vendor=vendor, user=owner, kinds=agreements, address=address, now=now)
        place = vendors.open_place(
            vendor=vendor, name=mall_name.strip(), subdomain=subdomain, plan_code=plan.code, actor=actor, now=now
        )
        support.open_checklist(mall=place.mall, now=now)
        subscription = billing_services.start_subscription(
            vendor=vendor, mall=place.mall, plan_code=plan.code, actor=actor, now=now
        )
        order = {
            "host": vendor_facts.primary_host(place),
            "owner": {"phone": owner.phone or "", "email": owner.email, "name": owner.name or contact_name.strip()},
            "entitlements": subscription.entitlements,
            "entitlements_version": subscription.entitlements_version,
            "preset": preset,
        }
        return runs.start_run(place=place, order=order, key=key, actor=actor, now=now)
