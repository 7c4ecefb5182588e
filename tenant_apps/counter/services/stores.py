"""What a store says of itself, and its franchise checklist. Place, radius, minimum and fee are `sellers.set_handover`."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.claims import forbidden_claims
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.counter.models import StoreProfile
from tenant_apps.counter.rules import franchise, hours
from tenant_apps.counter.rules.franchise import Franchise
from tenant_apps.counter.rules.hours import Closing, Week
from tenant_apps.sellers import selectors as sellers

MAX_SERVICES, MAX_SERVICE, MAX_INTRO = 20, 20, 300
MAX_FILING, MAX_RECRUITING = 40, 2_000


class StoreFactsInvalid(InvalidInput):
    """What a store would say of itself breaks a rule; `field` names it."""

    code = "store_facts_invalid"


_FAULTS = {
    "intro": _("What you say of the store has up to 300 characters and promises no gains: {found}"),
    "hours": _("A week has seven days."),
    "services": _("Up to 20 services, each up to 20 characters and named once."),
    "filing_number": _("A filing number has up to 40 characters."),
    "contract_on": _("The contract cannot be signed before its disclosure file was handed over."),
    "recruiting_text": _("A recruiting text has up to 2 000 characters."),
}


@dataclass(frozen=True, kw_only=True)
class StoreDraft:
    """What is said of a store."""

    intro: str = ""
    week: Week = ((),) * 7
    closings: Sequence[Closing] = ()
    services: Sequence[str] = ()


def describe_store(*, seller_ulid: str, draft: StoreDraft, actor: str, now: dt.datetime) -> StoreProfile:
    """Change what people read of a store. Raises StoreFactsInvalid (intro, hours, services), NotFound."""
    intro = draft.intro.strip()
    services = [one.strip() for one in draft.services if one.strip()]
    if len(intro) > MAX_INTRO or forbidden_claims(intro):
        raise StoreFactsInvalid(_FAULTS["intro"], field="intro", found=" ".join(forbidden_claims(intro)))
    if len(draft.week) != 7:
        raise StoreFactsInvalid(_FAULTS["hours"], field="hours")
    if (
        len(services) > MAX_SERVICES
        or any(len(one) > MAX_SERVICE for one in services)
        or len(set(services)) < len(services)
    ):
        raise StoreFactsInvalid(_FAULTS["services"], field="services")
    values = {
        "intro": intro,
        "hours": hours.week_to_json(draft.week),
        "closings": hours.closings_to_json(draft.closings),
        "services": services,
    }
    return _write(seller_ulid, values, "store.described", actor, now)


def file_franchise(*, seller_ulid: str, checklist: Franchise, actor: str, now: dt.datetime) -> StoreProfile:
    """Keep the checklist of a franchised store; what it still misses is a warning, not a refusal (MODES 14 #20).

    Raises StoreFactsInvalid (filing_number, contract_on, recruiting_text), NotFound.
    """
    if len(checklist.filing_number) > MAX_FILING:
        raise StoreFactsInvalid(_FAULTS["filing_number"], field="filing_number")
    if len(checklist.recruiting_text) > MAX_RECRUITING:
        raise StoreFactsInvalid(_FAULTS["recruiting_text"], field="recruiting_text")
    if checklist.disclosed_on and checklist.contract_on and checklist.contract_on < checklist.disclosed_on:
        raise StoreFactsInvalid(_FAULTS["contract_on"], field="contract_on")
    return _write(seller_ulid, {"franchise": franchise.to_json(checklist)}, "store.franchise_filed", actor, now)


def _write(seller_ulid: str, values: Mapping[str, object], action: str, actor: str, now: dt.datetime) -> StoreProfile:
    with transaction.atomic():
        if not sellers.seller(seller_ulid).is_store:
            raise NotFound
        StoreProfile.objects.get_or_create(seller_ulid=seller_ulid, defaults={"updated_at": now})
        row = StoreProfile.objects.select_for_update(no_key=True).get(seller_ulid=seller_ulid)
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = now
        row.save(update_fields=[*values, "updated_at"])
        audit.record(actor, action, target=f"seller:{seller_ulid}", before=before, after=values)
    return row
