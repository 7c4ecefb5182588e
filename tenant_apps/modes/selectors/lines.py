"""What pinned settings give on one line, and the areas of an order."""

import datetime as dt
from collections.abc import Mapping

from tenant_apps.modes import line_awards
from tenant_apps.modes.contract import (
    AreaFacts,
    Award,
    LineFacts,
    OfferFacts,
    SaleFacts,
)
from tenant_apps.modes.regional import selectors as regional
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.selectors.in_force import NOBODY, Pinned, current_settings, of_zone

AREA_MODES = frozenset({"regional", "gift_pack"})  # the modes that pay the agents of an area


def share_earning(*, offer: OfferFacts, now: dt.datetime) -> int:
    """Fen that sharing one piece of an offer earns its promoter at most, under the settings in force."""
    pinned = current_settings(mode="distribution", now=now, zone=offer.zone)
    return MODES["distribution"].quote(pinned.values, offer, NOBODY).share_earning if pinned else 0


def awards_of_line(line: LineFacts, sale: SaleFacts, pinned: Mapping[str, Pinned]) -> list[Award]:
    """Awards of every mode for a line under pinned settings, in the order of the pot, not cut yet."""
    here = of_zone(pinned, line.zone)
    return line_awards.awards_of_line({key: here[key].values for key in MODES if key in here}, line, sale)


def areas_of_sale(
    *, pins: Mapping[str, str], district_code: str, street_code: str = "", now: dt.datetime
) -> tuple[AreaFacts, ...]:
    """The areas of an order's address with their agents at `now`; asked for only where a mode that pays them is pinned."""
    if not AREA_MODES & {key.partition("@")[0] for key in pins}:
        return ()
    return regional.areas_of_address(district_code=district_code, street_code=street_code, now=now)
