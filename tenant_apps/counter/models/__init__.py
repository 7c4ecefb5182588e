"""Tables of the counter, one module a subject."""

from tenant_apps.counter.models.cards import Card, CardTerms, CardUse

__all__ = ["Card", "CardTerms", "CardUse"]
