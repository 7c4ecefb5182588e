"""Link 2+1 behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import legal
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Caution,
    Channel,
    LineFacts,
    OfferFacts,
    Problem,
    Quote,
    Refusal,
    SaleFacts,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.link21 import rules
from tenant_apps.modes.link21.settings import Link21Settings
from tenant_apps.modes.wording import told_data


class Link21:
    """MODES 7. At payment a line only reserves; settlement asks `rules.join` at completion who earns it."""

    key: ClassVar[str] = "link21"
    label: ClassVar[str] = _("Link 2+1")
    settings = Link21Settings
    replaces: ClassVar[frozenset[str]] = frozenset({"distribution", "differential"})

    def takes(self, settings: Link21Settings, line: LineFacts) -> bool:
        """The listed entry products."""
        listed = line.product in settings.products or line.sku in settings.products
        return settings.enabled and line.is_plain and listed

    def quote(self, settings: Link21Settings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is; no earning is shown beside a product, for that would recruit with it."""
        return Quote(unit_price=offer.list_price)

    def award(self, settings: Link21Settings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Reserves without payee: a direct and a see award a piece, and the part of the see award for the boss above."""
        return rules.reserves(settings, line)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: Link21Settings, channel: Channel) -> Sequence[Problem]:
        """MODES 7, 14 #1, #4, #5: never through WeChat; elsewhere with the three statutory features named."""
        if not settings.enabled:
            return []
        found = legal.depth_problems(settings.max_depth, channel, field="max_depth")
        if channel.wechat:
            found.append(
                Refusal(
                    code="link21_on_wechat",
                    field="enabled",
                    message=_("Link 2+1 is not possible where a mall sells through WeChat."),
                )
            )
        found.append(
            Caution(
                code="three_statutory_features",
                two_persons=True,
                message=_(
                    "RED: buying in order to recruit, a reward for each person recruited and pay from the sales of those below are the three features that Article 7 of the Regulations on Prohibition of Pyramid Selling names, and here they come together. Do not switch this on without the written opinion of counsel (rules 4 and 5)."
                ),
            )
        )
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """One sentence: whose pack, and in which place of the line he earns."""
        texts = {
            "direct": _(
                "{buyer}, whom you introduced, bought “{product}” (order {order}). Direct award: a fixed {full_amount}."
            ),
            "see": _(
                "{buyer} in your line bought “{product}” (order {order}). See award of the line's boss: a fixed {full_amount}."
            ),
            "peer": _(
                "{buyer} bought “{product}” in a line that comes from yours (order {order}). The part of the see award for the boss above is {full_amount}; where there is none above, it is the line's boss who has it."
            ),
        }
        return Sentence(texts[award.kind], told_data(award, told))
