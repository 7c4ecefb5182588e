"""What a shop adds of its own, set inside the mall's bounds; each change is a version that orders made after it follow."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.errors import InvalidInput
from saas.kernel.money import format_percent
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.own_terms import Bounds, OwnTerms, terms_of
from tenant_apps.sellers.rules import ENDED, SettlementKind
from tenant_apps.sellers.services.editing import locked

KEPT = 100


def set_own_terms(*, seller_ulid: str, terms: OwnTerms, bounds: Bounds, actor: str, now: dt.datetime) -> Seller:
    """Set commission (ppm) and coins a yuan that the shop adds, for orders made from now on.

    Raises NotFound, InvalidInput (promotion_ppm, coins).
    """
    with transaction.atomic():
        row = locked(seller_ulid)
        if row.settlement != SettlementKind.COMMISSION or row.state in ENDED:
            raise InvalidInput(
                gettext("Only a shop that pays the mall a commission can add something of its own."),
                field="promotion_ppm",
            )
        _check(terms, bounds)
        before = terms_of(row.own_terms)
        if terms == before:
            return row
        version: dict[str, Any] = {
            "at": now.isoformat(),
            "by": actor,
            "promotion_ppm": terms.promotion_ppm,
            "coins": terms.coins,
        }
        row.own_terms, row.updated_at = [*row.own_terms, version][-KEPT:], now
        row.save(update_fields=["own_terms", "updated_at"])
        audit.record(
            actor,
            "seller.own_terms",
            target=f"seller:{seller_ulid}",
            before=dict(vars(before)),
            after=dict(vars(terms)),
        )
    return row


def _check(terms: OwnTerms, bounds: Bounds) -> None:
    if not bounds.least_ppm <= terms.promotion_ppm <= bounds.most_ppm:
        raise InvalidInput(
            gettext("Own commission: the mall allows {least} to {most}.").format(
                least=format_percent(bounds.least_ppm), most=format_percent(bounds.most_ppm)
            ),
            field="promotion_ppm",
        )
    if not 0 <= terms.coins <= bounds.coins_most:
        raise InvalidInput(
            gettext("Own coins: the mall allows 0 to {most} for each yuan.").format(most=bounds.coins_most),
            field="coins",
        )
