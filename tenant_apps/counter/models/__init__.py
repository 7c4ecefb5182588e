"""Tables of the counter, one module a subject."""

from tenant_apps.counter.models.bookings import Booking, BookingPlan
from tenant_apps.counter.models.cards import Card, CardTerms, CardUse
from tenant_apps.counter.models.credit import CreditMove, CreditStock
from tenant_apps.counter.models.dispatch import StoreOffer
from tenant_apps.counter.models.stores import StoreProfile
from tenant_apps.counter.models.telling import Told
from tenant_apps.counter.models.tills import TillCharge

__all__ = [
    "Booking",
    "BookingPlan",
    "Card",
    "CardTerms",
    "CardUse",
    "CreditMove",
    "CreditStock",
    "StoreOffer",
    "StoreProfile",
    "TillCharge",
    "Told",
]
