"""A vendor's verification, with what follows for its malls."""

import datetime as dt

from billing.services import subscriptions
from saas.kernel.transactions import retried_transaction
from saas.support.models import Verification
from saas.support.services import verification
from saas.tenants.vendors.models import Vendor


@retried_transaction
def decide(*, vendor: Vendor, verified: bool, note: str, actor: str, now: dt.datetime) -> Verification:
    """An operator has looked at what the vendor handed in; its malls' cells are told. Raises NotFound, ReasonMissing."""
    row = verification.decide(vendor=vendor, verified=verified, note=note, actor=actor, now=now)
    kind = "vendor_verified" if verified else "vendor_refused"
    subscriptions.tell_all(vendor, kind, actor, now, note)
    return row
