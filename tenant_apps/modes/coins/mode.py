"""Shopping coins behind the contract of modes: they pay a part of goods, and no award is made of them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from saas.kernel.money import pct
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.coins.rules import Bearer, given
from tenant_apps.modes.coins.settings import COIN_PPM, CoinsSettings
from tenant_apps.modes.contract import (
    GIFT_PACK_ZONE,
    Award,
    BuyerFacts,
    Caution,
    Channel,
    LineFacts,
    LineKind,
    OfferFacts,
    Problem,
    Quote,
    SaleFacts,
    SellerKind,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.wording import told_data


class Coins:
    """MODES 11a and 11b."""

    key: ClassVar[str] = "coins"
    label: ClassVar[str] = _("Shopping coins")
    settings = CoinsSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: CoinsSettings, line: LineFacts) -> bool:
        """No line: nothing of what an order leaves is shared out. What a line gives is `coins_of`."""
        return False

    def quote(self, settings: CoinsSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is; coins may pay a part of it (fen a piece)."""
        part = part_of(settings, offer)
        limit = pct(offer.list_price, part) // settings.coin_fen * settings.coin_fen
        return Quote(unit_price=offer.list_price, coin_limit=limit)

    def award(self, settings: CoinsSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Nothing out of an order: coins are no money (MODES 14 #8)."""
        return ()

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: CoinsSettings, channel: Channel) -> Sequence[Problem]:
        """MODES 14 #8 and #9: who pays has to be known, and no text may promise money."""
        if not settings.enabled:
            return []
        found: list[Problem] = []
        if settings.bearer is Bearer.MERCHANT:
            found.append(
                Caution(
                    code="sellers_bear_coins",
                    field="bearer",
                    message=_(
                        "Sellers bear what coins take off their goods: their terms have to say so, and a change of rules is announced seven days ahead (rule 18)."
                    ),
                )
            )
        if settings.coins_per_yuan * settings.coin_fen >= 20:
            found.append(
                Caution(
                    code="many_coins",
                    field="coins_per_yuan",
                    message=_(
                        "A fifth of a purchase or more comes back as coins. Nobody may be told that this is money, or that goods come back free (rule 9)."
                    ),
                )
            )
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """Never asked for: orders pay no awards of this mode. The sentence says so."""
        return Sentence(_("“{product}” (order {order}) gave shopping coins, no award."), told_data(award, told))


def part_of(settings: CoinsSettings, offer: OfferFacts) -> int:
    """What coins may pay of an offer (ppm): goods, never fees nor gift packs."""
    if not settings.enabled or offer.kind is not LineKind.GOODS or offer.zone == GIFT_PACK_ZONE:
        return 0
    return settings.part_of(sku=offer.sku, product=offer.product, seller=offer.seller.id, categories=offer.categories)


def coins_of(settings: CoinsSettings, line: LineFacts, cash: int) -> int:
    """Coins that `cash` fen of a line give: goods do, fees and gift packs do not."""
    if not settings.enabled or not line.is_plain:
        return 0
    rate = settings.given_of(sku=line.sku, product=line.product, seller=line.seller.id, categories=line.categories)
    return given(cash, rate + line.seller.added_coins * COIN_PPM)


def coin_fen(pinned: Mapping[str, Any]) -> int:
    """Fen a coin under the settings in force or pinned (by `mode` or `mode@zone`): one value for the mall."""
    whole = pinned.get("coins")
    if whole is not None:
        return int(whole.values.coin_fen)
    return min((int(one.values.coin_fen) for one in pinned.values() if one.mode == "coins"), default=1)


def borne_by_seller(settings: CoinsSettings, kind: SellerKind) -> bool:
    """Whether a line's seller bears what coins take off; own goods and supply prices are always the mall's matter."""
    return settings.bearer is Bearer.MERCHANT and kind in (SellerKind.COMMISSION, SellerKind.CONCESSION)
