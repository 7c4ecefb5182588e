"""Settings of shopping coins (MODES 11a, 11b)."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tenant_apps.modes.coins.rules import Bearer
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.overrides import Index, rates_of
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting

SELLER_MOST_PPM = 950_000  # a seller who bears coins is left something to pay, so that it can be given back
FULL_RETURN_PPM = 1_000_000
COIN_PPM = 10_000  # one coin a yuan, of the fen paid

Part = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class PartOverride(SettingsModel):
    """Another part for one category, seller, product or SKU; the narrowest scope wins. `off`: none."""

    scope: Literal["category", "seller", "product", "sku"]
    key: str = Field(min_length=1, max_length=80)
    rate_ppm: tuple[Part] = Field(description="one percentage")


class CoinsSettings(SettingsModel):
    """What coins a purchase gives, what they may pay, who bears it, and how long they last."""

    enabled: bool = setting(
        True,
        label=_("Shopping coins are on"),
        help=_(
            "Off: new orders neither give nor take coins. Coins that members hold stay, and expire as they were to."
        ),
        unit="yes_no",
    )
    coin_fen: int = setting(
        1,
        label=_("Fen a coin"),
        help=_(
            "What a coin takes off. One value for the whole mall: a zone's own is not read. Coins already given change with it."
        ),
        unit="pieces",
        at_least=1,
        at_most=100,
    )
    coins_per_yuan: int = setting(
        0,
        label=_("Coins for each yuan"),
        help=_(
            "Of what is paid in money for goods, when the order is completed; rounded down for each line. Gift packs give none."
        ),
        unit="pieces",
        at_least=0,
        at_most=100,
    )
    given_overrides: tuple[PartOverride, ...] = setting(
        (),
        label=_("Other coins given for single categories, sellers, products or SKUs"),
        help=_(
            "One a line: category, seller, product or sku, its key, then the coins for each yuan, such as 1 or 0.5; off: none."
        ),
        unit="overrides",
        lengths=(0, 500),
    )
    seller_coins_most: int = setting(
        0,
        label=_("Coins for each yuan that a seller may add"),
        help=_(
            "Besides those above, for goods of sellers who pay a commission; he pays them by a higher take. 0: none."
        ),
        unit="pieces",
        at_least=0,
        at_most=20,
    )
    most_ppm: int = setting(
        300_000,
        label=_("Part that coins may pay"),
        help=_(
            "Of each product after discounts, in whole coins; freight is paid in money. 0: coins are not taken here."
        ),
        unit="percent",
        at_least=0,
        at_most=1_000_000,
    )
    overrides: tuple[PartOverride, ...] = setting(
        (),
        label=_("Other parts for single categories, sellers, products or SKUs"),
        help=_(
            "One a line: category, seller, product or sku, its key, then the percentage that coins may pay; off: none. SKU goes before product, seller and category."
        ),
        unit="overrides",
        lengths=(0, 500),
    )
    bearer: Bearer = setting(
        Bearer.PLATFORM,
        label=_("Who bears what coins pay"),
        help=_(
            "The mall, or the seller of the goods. On the mall's own goods and on goods bought at a supply price it is always the mall."
        ),
        unit="choice",
    )
    valid_months: int = setting(
        24,
        label=_("Months that coins last"),
        help=_("From the day they are given. Coins that expire first are spent first."),
        unit="pieces",
        at_least=1,
        at_most=60,
    )
    to_year_end: bool = setting(
        True,
        label=_("To the end of the year"),
        help=_(
            "Yes: coins last to the end of the year in which their months are over. With 24 months: to the end of the year after next."
        ),
        unit="yes_no",
    )

    @cached_property
    def _parts(self) -> Index:
        return {(one.scope, one.key): one.rate_ppm for one in self.overrides}

    @cached_property
    def _given(self) -> Index:
        return {(one.scope, one.key): one.rate_ppm for one in self.given_overrides}

    def part_of(self, *, sku: str, product: str, seller: str, categories: Sequence[str]) -> int:
        """What coins may pay of these goods, ppm."""
        found = rates_of(self._parts, sku=sku, product=product, seller=seller, categories=categories)
        return found[0] if found else self.most_ppm

    def given_of(self, *, sku: str, product: str, seller: str, categories: Sequence[str]) -> int:
        """Coins these goods give, ppm of the fen paid."""
        found = rates_of(self._given, sku=sku, product=product, seller=seller, categories=categories)
        return found[0] if found else self.coins_per_yuan * COIN_PPM

    @model_validator(mode="after")
    def _no_full_return(self) -> "CoinsSettings":
        added = self.seller_coins_most * COIN_PPM
        if (self.coins_per_yuan * COIN_PPM + added) * self.coin_fen >= FULL_RETURN_PPM:
            raise Fault(_("a purchase may not come back in full as coins"), field="coins_per_yuan")
        if any((one.rate_ppm[0] + added) * self.coin_fen >= FULL_RETURN_PPM for one in self.given_overrides):
            raise Fault(_("a purchase may not come back in full as coins"), field="given_overrides")
        return self

    @model_validator(mode="after")
    def _seller_keeps_something(self) -> "CoinsSettings":
        if self.bearer is Bearer.MERCHANT:
            if self.most_ppm > SELLER_MOST_PPM:
                raise Fault(_("where the seller bears it, coins may pay 95 % at most"), field="most_ppm")
            if any(one.rate_ppm[0] > SELLER_MOST_PPM for one in self.overrides):
                raise Fault(_("where the seller bears it, coins may pay 95 % at most"), field="overrides")
        return self
