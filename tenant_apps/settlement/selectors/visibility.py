"""Which frozen awards the people they are for do not see yet: `award_visible_at` of the settlement's terms (MODES 0)."""

import datetime as dt

from django.db.models import F, Q, Sum

from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import PayeeKind
from tenant_apps.modes.settlement_terms.settings import VisibleAt
from tenant_apps.orders import selectors as orders
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import AwardState


def seen(*, now: dt.datetime) -> Q:
    """What members see of their awards: everything, or what is frozen only once the goods are received."""
    if modes.settlement_terms(now=now).award_visible_at is VisibleAt.PAID:
        return Q()
    return ~Q(state=AwardState.FROZEN, line__settlement__order_ulid__in=orders.not_received())


def unseen_amount(member_ulid: str, *, now: dt.datetime) -> int:
    """What is frozen for a member and not shown to him yet, in fen."""
    if modes.settlement_terms(now=now).award_visible_at is VisibleAt.PAID:
        return 0
    return int(
        Award.objects.filter(payee_ulid=member_ulid, payee_kind=PayeeKind.MEMBER)
        .exclude(seen(now=now))
        .aggregate(total=Sum(F("amount") - F("clawed_amount"), default=0))["total"]
    )
