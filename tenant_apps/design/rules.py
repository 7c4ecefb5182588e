"""Colours, legal documents and the readiness list of a mall. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import quote

_HEX = re.compile(r"^#[0-9a-f]{6}$")
DARK_TEXT, LIGHT_TEXT = "#000000", "#ffffff"  # one of the two always reads (4.58 at worst)
PICTURE_BOXES = {"logo": (480, 160), "banner": (1600, 800)}  # the largest width and height that is kept, in pixels
READABLE_CONTRAST = 4.5  # WCAG 2.2 AA for normal text


class BrandState(StrEnum):
    """A version of the brand: being edited, shown to shoppers, or shown before."""

    DRAFT = "draft"
    PUBLISHED = "published"
    PAST = "past"


class LegalKind(StrEnum):
    """The texts every mall must show; the value is the address below /legal/."""

    TERMS = "terms"
    PRIVACY = "privacy"
    RETURNS = "returns"


def is_color(text: str) -> bool:
    """Whether `text` is a colour as we store it: `#rrggbb` in lower case."""
    return bool(_HEX.match(text))


def luminance(color: str) -> float:
    """Relative luminance of `#rrggbb`, 0 (black) to 1 (white), as WCAG defines it."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def text_on(color: str) -> str:
    """The text colour that reads best on `color`."""
    return max((LIGHT_TEXT, DARK_TEXT), key=lambda text: contrast(color, text))


def darkened(color: str, *, against: str = "#f5f5f4", ratio: float = READABLE_CONTRAST) -> str:
    """`color`, made darker in small steps until it reads on `against`: for prices and links in the brand's colour."""
    shade = color
    for step in range(1, 21):
        if contrast(shade, against) >= ratio:
            break
        shade = "#" + "".join(f"{int(int(color[i : i + 2], 16) * (20 - step) / 20):02x}" for i in (1, 3, 5))
    return shade


def css_variables(*, primary: str, accent: str) -> str:
    """The inline style of <html> that makes a page wear the mall's colours. Both must be `is_color`."""
    return (
        f"--color-primary:{primary};--color-primary-content:{text_on(primary)};"
        f"--brand-ink:{darkened(primary)};--brand-price:{darkened(accent)};"
        f"--color-accent:{accent};--color-accent-content:{text_on(accent)}"
    )


def icon_address(*, name: str, color: str) -> str:
    """A browser icon as a data address: the name's first character on the mall's colour."""
    letter = quote(name[:1].replace("&", "＆").replace("<", "＜") or "·")
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
        f"%3Crect width='32' height='32' rx='7' fill='%23{color[1:]}'/%3E"
        "%3Ctext x='16' y='22.5' font-size='18' font-weight='bold' text-anchor='middle' font-family='sans-serif' "
        f"fill='%23{text_on(color)[1:]}'%3E{letter}%3C/text%3E%3C/svg%3E"
    )


READINESS_KEYS = (
    "brand",
    "texts",
    "licence",
    "product",
    "delivery",
    "payment",
    "live_channel",
    "messages",
    "approvals",
)


def missing(done: Mapping[str, bool]) -> tuple[str, ...]:
    """What of the readiness list is not done, in the list's order."""
    return tuple(key for key in READINESS_KEYS if not done[key])
