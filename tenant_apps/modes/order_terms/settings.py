"""Settings of checkout: flat freight, time to pay, quantity limit. Versioned and pinned like every mode's."""

from typing import Annotated

from pydantic import Field

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import SettingsModel, setting
from tenant_apps.sellers.listing import Look

Word = Annotated[str, Field(min_length=1, max_length=20)]


class OrderSettings(SettingsModel):
    """What an order costs to send, and how long it waits for its payment."""

    freight_fen: int = setting(
        800,
        label=_("Freight"),
        help=_("For each order, whatever is in it."),
        unit="yuan",
        at_least=0,
        at_most=100_000,
    )
    freight_free: bool = setting(
        True,
        label=_("Free freight for larger orders"),
        help=_("On: from the amount below the mall pays the freight."),
        unit="yes_no",
    )
    freight_free_from_fen: int = setting(
        9_900,
        label=_("Free freight from"),
        help=_("Of goods in the order."),
        unit="yuan",
        at_least=0,
        at_most=100_000_000,
    )
    freight_by_template: bool = setting(
        False,
        label=_("Freight by templates"),
        help=_("On: freight templates decide, by piece, weight and region; the figures above where there is none."),
        unit="yes_no",
    )
    store_handover: bool = setting(
        False,
        label=_("Pickup and delivery by stores"),
        help=_("On: at checkout each part of an order may be fetched at a store, or brought by one that offers it."),
        unit="yes_no",
    )
    dispatch_minutes: int = setting(
        0,
        label=_("Stores bring orders: minutes to accept"),
        help=_(
            "A paid order of the mall's own goods is offered to the nearest open store that has everything; without an answer in time, to the next. 0: never."
        ),
        unit="minutes",
        at_least=0,
        at_most=120,
    )
    dispatch_fee_fen: int = setting(
        500,
        label=_("Stores bring orders: fee"),
        help=_("What the mall pays the store for each such order, when the order completes."),
        unit="yuan",
        at_least=0,
        at_most=100_000,
    )
    payment_minutes: int = setting(
        30,
        label=_("Minutes to pay"),
        help=_("An order that is not paid in time is cancelled and its goods go back into stock."),
        unit="minutes",
        at_least=5,
        at_most=1_440,
    )
    max_quantity: int = setting(
        99,
        label=_("Most pieces of one SKU in an order"),
        help=_("Checked when the order is placed."),
        unit="pieces",
        at_least=1,
        at_most=999,
    )
    order_texts: bool = setting(
        False,
        label=_("Text messages about orders"),
        help=_(
            "On: a text message when goods are on their way, a case moves on, a refund arrives or an invoice is issued. In the mall shoppers read every step anyway."
        ),
        unit="yes_no",
    )
    complaint_seller_days: int = setting(
        3,
        label=_("Complaints: the seller answers within"),
        help=_("After that the complaint goes to the mall; both are reminded a day before."),
        unit="days",
        at_least=1,
        at_most=7,
    )
    complaint_mall_days: int = setting(
        7,
        label=_("Complaints: the mall decides within"),
        help=_("Afterwards the complaint stands under “Late” and staff are reminded each day."),
        unit="days",
        at_least=1,
        at_most=15,
    )
    blocked_words: tuple[Word, ...] = setting(
        (),
        label=_("Words that may not be written in conversations"),
        help=_("One a line, without spaces. A message that holds one is not sent."),
        unit="keys",
        lengths=(0, 200),
    )
    seller_look: Look = setting(
        Look.ALL,
        label=_("Products of sellers: the mall looks at"),
        help=_(
            "Before it is live. What is on sale stays as it is meanwhile; stock is counted at once. Goods bought at a supply price are always looked at."
        ),
        unit="choice",
    )
    seller_products_max: int = setting(
        500,
        label=_("Products of sellers: most for one shop"),
        help=_("Those in the bin apart. The mall's own plan counts them all."),
        unit="pieces",
        at_least=0,
        at_most=100_000,
    )
    seller_price_min_fen: int = setting(
        1,
        label=_("Products of sellers: lowest price"),
        help=_("Of every SKU that a seller enters."),
        unit="yuan",
        at_least=1,
        at_most=100_000_000,
    )
    seller_flash_most_ppm: int = setting(
        0,
        label=_("Flash sales of sellers: at most off"),
        help=_(
            "Of the usual price, in sales that sellers make of their own goods and pay for. 0: the mall alone makes them."
        ),
        unit="percent",
        at_least=0,
        at_most=950_000,
    )
    seller_flash_at_once: int = setting(
        5,
        label=_("Flash sales of sellers: at once"),
        help=_("How many of one shop may run or wait for their beginning."),
        unit="pieces",
        at_least=1,
        at_most=50,
    )
    case_answer_days: int = setting(
        3,
        label=_("After-sales: the seller answers within"),
        help=_("A request that the seller does not answer in time is agreed to."),
        unit="days",
        at_least=1,
        at_most=7,
    )
    case_appeal_days: int = setting(
        7,
        label=_("After-sales: the shopper calls the mall within"),
        help=_("After a refusal; a case that is not taken to the mall in time is closed."),
        unit="days",
        at_least=3,
        at_most=30,
    )
    case_return_days: int = setting(
        7,
        label=_("After-sales: the goods are sent back within"),
        help=_("A return that is not sent in time is closed without a refund."),
        unit="days",
        at_least=3,
        at_most=30,
    )
    case_check_days: int = setting(
        7,
        label=_("After-sales: the seller checks the goods within"),
        help=_("What came back and is not checked in time counts as in order and is paid back."),
        unit="days",
        at_least=1,
        at_most=15,
    )
    case_replaced_days: int = setting(
        10,
        label=_("After-sales: the replacement counts as received after"),
        help=_("Days after it was sent, without a word from the shopper."),
        unit="days",
        at_least=3,
        at_most=30,
    )
