"""Cards of a store, offered, bought and paid by the real services."""

import datetime as dt

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from tenant_apps.counter.models import Card, CardTerms
from tenant_apps.counter.rules.cards import CardDraft, CardKind
from tenant_apps.counter.services import cards_offering, cards_selling
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.sellers.models import Seller
from tests.factories import orders as make

TEXT = "本卡仅限本店使用，未使用次数可随时按比例退款，遗失可凭手机号补办。"
CLERK = "user:clerk"


def draft(store: Seller, **changes: object) -> CardDraft:
    """Three haircuts for 100.00."""
    values: dict[str, object] = {
        "kind": CardKind.VISIT,
        "seller_ulid": store.ulid,
        "title": "剪发三次卡",
        "price_amount": 10_000,
        "text": TEXT,
        "visits": 3,
    }
    return CardDraft(**{**values, **changes})  # type: ignore[arg-type]


def offered(store: Seller, *, now: dt.datetime | None = None, **changes: object) -> CardTerms:
    """A card on sale."""
    return cards_offering.offer_card(draft=draft(store, **changes), actor=CLERK, now=now or clock.now())


def ordered(terms: CardTerms, member: Member, *, amount: int = 10_000, now: dt.datetime | None = None) -> Order:
    """A card that waits for its payment."""
    return cards_selling.buy_card(
        product_ulid=terms.product_ulid,
        terms_ulid=terms.ulid,
        accepted=True,
        expected_amount=amount,
        member=member,
        key=new_ulid(),
        now=now or clock.now(),
    )


def bought(terms: CardTerms, member: Member, *, amount: int = 10_000, now: dt.datetime | None = None) -> Card:
    """A card paid and issued; the handlers of `order.paid` are called as the outbox would."""
    now = now or clock.now()
    order = ordered(terms, member, amount=amount, now=now)
    orders.mark_paid(order_ulid=order.ulid, payment=make.fund(order, now=now), amount=amount, now=now)
    orders.begin_fee(order_ulid=order.ulid, now=now)
    card = cards_selling.issue_card(order_ulid=order.ulid, now=now)
    assert card is not None
    return card
