"""What control forgets of a deleted mall's persons, and what it keeps: invoices, ledger, daily sums, audit trail (RELIABILITY A8).

Invoices and the book are kept as the law asks (accounting papers, tax); the audit trail names people by id alone.
"""

import datetime as dt
from typing import Any

from django.db import transaction

from billing.selectors import accounts
from provisioning.orchestrator.models import Run
from saas.identity import services as identity
from saas.messaging.bus import services as bus
from saas.messaging.notices import services as notices
from saas.support import services as support
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Vendor


def forget_mall(*, mall: str, now: dt.datetime) -> dict[str, Any]:
    """Take persons out of runs' orders, events that are done, checklist, questions. Safe to repeat; how many of each."""
    with transaction.atomic():
        orders = 0
        for run in Run.objects.select_for_update().filter(place__mall=mall):
            if run.order.get("owner"):
                run.order = {**run.order, "owner": {}}
                run.save(update_fields=["order"])
                orders += 1
        return {
            "orders": orders,
            "events": bus.forget_mall(mall),
            "support": support.forget_mall(mall=mall),
        }


def close_account(*, vendor: Vendor, now: dt.datetime) -> str:
    """Forget the vendor's owner, if no other mall is theirs and nothing is owed: `closed`, or why not.

    Company and invoices stay: they are papers of both sides.
    """
    if vendor_facts.places_of_vendor(vendor).exists():
        return "other_malls"
    if accounts.owed(vendor) or accounts.stored_balance(vendor):
        return "balance"
    with transaction.atomic():
        owner = vendor.owner
        notices.forget_recipient(phone=owner.phone or "", email=owner.email)
        vendors.forget_contact(vendor=vendor)
        identity.erase_user(user=owner, now=now)
    return "closed"
