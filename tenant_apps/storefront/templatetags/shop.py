"""Tags of the storefront: pictures with their renditions."""

import datetime as dt
import functools
from collections.abc import Sequence
from html import escape

from django import template
from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from saas.kernel.clock import CHINA, now
from saas.kernel.money import display_yuan
from tenant_apps.catalog.rules import IMAGE_WIDTHS
from tenant_apps.catalog.selectors import Card, PictureView, SkuView, image_url
from tenant_apps.modes.contract import Sentence
from tenant_apps.modes.legal_table import PROMOTION_DISCLOSURES
from tenant_apps.modes.sentences import render

register = template.Library()
# A phone of two dots a point takes the 320 pixels of a card instead of 640: half the bytes for an eighth less width.
LIST_SIZES = "(min-width:64rem) 15rem, (min-width:40rem) 30vw, 40vw"
PAGE_SIZES = "(min-width:64rem) 30rem, (min-width:40rem) 46vw, 100vw"


@register.simple_tag
def promotion_disclosures() -> list[str]:
    """What stands on every page about earning (MODES 14 #4, #9), in the reader's language."""
    return [render(Sentence(one)) for one in PROMOTION_DISCLOSURES]


@register.simple_tag
def cards(found: Sequence[Card], eager: int = 0) -> SafeString:
    """The <li>s of a list of products; the first `eager` pictures are fetched at once.

    Written in Python, not as a template, and kept for equal cards: a list of twenty costs a fraction of the time.
    """
    language = get_language() or ""
    return SafeString(
        "".join(
            (_card if one.flash_amount else _kept_card)(one, place < eager, language) for place, one in enumerate(found)
        )
    )


@functools.lru_cache(maxsize=10)
def _words(language: str) -> dict[str, str]:
    """What cards say, in the language that is active: looked up once a process."""
    return {
        "sold out": f'<span class="badge badge-sm">{escape(_("Sold out"))}</span>',
        "sold": escape(_("NUMBER sold")),
        "member": escape(_("Partners pay")),
        "flash": escape(_("Flash sale")),
        "left": escape(_("NUMBER left")),
    }


def _card(one: Card, eager: bool, language: str) -> str:
    words, title = _words(language), escape(one.title)
    more = '<span class="text-xs font-normal"> +</span>' if one.highest_price_amount > one.price_amount else ""
    note = words["sold out"] if one.stock < 1 else ""
    if not note and one.sold:
        note = f'<span class="muted text-xs">{words["sold"].replace("NUMBER", str(one.sold))}</span>'
    lower = one.member_price_amount
    partner = f'<span class="muted block text-xs">{words["member"]} {display_yuan(lower)}</span>' if lower else ""
    price = f'<span class="price">{display_yuan(one.price_amount)}{more}</span>'
    if one.flash_amount:
        price = (
            f'<span><span class="price">{display_yuan(one.flash_amount)}</span> '
            f'<s class="muted text-xs">{display_yuan(one.price_amount)}</s></span>'
        )
        note = f'<span class="muted text-xs">{words["left"].replace("NUMBER", str(one.flash_left))}</span>'
        partner = (
            f'<span class="mt-1 flex items-center gap-2 text-xs"><span class="badge badge-primary badge-sm">'
            f"{words['flash']}</span>{countdown(one.flash_ends_at)}</span>"
        )
    return (
        f'<li><a class="card-link" href="{escape(one.address)}">{picture(one.image_key, one.title, "list", eager)}'
        f'<span class="block p-2.5"><span class="line-clamp-2 min-h-10 text-sm leading-5">{title}</span>'
        '<span class="mt-1 flex items-baseline justify-between gap-2">'
        f"{price}{note}</span>{partner}</span></a></li>"
    )


# A card's text follows from what it shows alone (the product's ULID and picture key are the mall's own), so equal cards
# share it; a flash sale's card counts seconds and is written anew.
_kept_card = functools.lru_cache(maxsize=2000)(_card)


@register.simple_tag
def countdown(until: dt.datetime | None) -> SafeString:
    """A <time> that says until when; a script counts it down (`data-countdown` in shop.js)."""
    if until is None:
        return SafeString("")
    seconds = int((until - now()).total_seconds())
    said = escape(_("until %(moment)s") % {"moment": f"{until.astimezone(CHINA):%m-%d %H:%M}"})
    words = f'data-left="{escape(_("LEFT to go"))}" data-days="{escape(_("NUMBER d"))}" data-over="{escape(_("over"))}"'
    return SafeString(
        f'<time class="amount" datetime="{until.isoformat()}" data-countdown="{seconds}" {words}>{said}</time>'
    )


@register.simple_tag
def picture(key: str, alt: str = "", kind: str = "list", eager: bool = False, letter: str = "") -> SafeString:
    """A catalogue picture: AVIF, WebP, else JPEG in every width we keep, a fixed square box, lazy unless `eager`.

    `kind`: list (a card), page (the product page), thumb (a line of an order). Without a picture the first character
    of `letter`, else of `alt`, on the mall's colour.
    """
    if not key:
        return SafeString(
            f'<span class="no-picture" aria-hidden="true" data-letter="{escape(str(letter or alt)[:1])}"></span>'
        )
    alt = escape(str(alt))
    base = escape(settings.MEDIA_URL + key)
    load = 'fetchpriority="high"' if eager else 'loading="lazy" decoding="async"'
    if kind == "thumb":
        return SafeString(
            f'<img class="aspect-square w-full object-cover" src="{base}/160.webp" alt="{alt}" '
            f'width="160" height="160" {load}>'
        )
    return SafeString(
        f'<picture>{_SOURCES[kind].replace(_BASE, base)}<img class="aspect-square w-full object-cover" '
        f'src="{base}/{640 if kind == "page" else 320}.jpg" alt="{alt}" width="640" height="640" {load}></picture>'
    )


@register.simple_tag
def gallery(title: str, pictures: Sequence[PictureView]) -> SafeString:
    """The <figure>s of a product page; each picture leads to its largest form."""
    label = escape(_("Picture %(number)s, full size") % {"number": "NUMBER"})
    return SafeString(
        "".join(
            f'<figure><a class="block" href="{escape(large_picture(one.key))}" target="_blank" rel="noopener" '
            f'aria-label="{label.replace("NUMBER", str(place))}">'
            f"{picture(one.key, one.alt or (title if place == 1 else ''), 'page', place == 1)}</a></figure>"
            for place, one in enumerate(pictures, 1)
        )
        or f"<figure>{picture('', title, 'page')}</figure>"
    )


@register.simple_tag
def sku_chips(skus: Sequence[SkuView], chosen: SkuView) -> SafeString:
    """The choices of a product, each with what the page shows once it is chosen (read by shop.js)."""
    with_price = len({one.price_amount for one in skus}) > 1
    return SafeString("".join(_chip(one, one.ulid == chosen.ulid, with_price) for one in skus))


def _chip(one: SkuView, is_chosen: bool, with_price: bool) -> str:
    price, text = display_yuan(one.price_amount), escape(one.option_text)
    member = display_yuan(one.member_price_amount) if one.member_price_amount else ""
    compare = display_yuan(one.compare_amount) if one.compare_amount else ""
    state = (" checked" if is_chosen else "") + (" disabled" if one.stock < 1 else "")
    shown = f' <span class="text-xs">{price}</span>' if with_price else ""
    return (
        f'<label class="chip{" chip-out" if one.stock < 1 else ""}"><input type="radio" name="sku" '
        f'value="{escape(one.key)}" data-price="{price}" data-member="{member}" data-compare="{compare}" '
        f'data-stock="{one.stock}" data-text="{text}"{state}><span>{text}{shown}</span></label>'
    )


@register.simple_tag
def preload_picture(key: str, kind: str = "page") -> SafeString:
    """The <link> that lets the browser fetch a page's largest picture at once."""
    if not key:
        return SafeString("")
    base = escape(settings.MEDIA_URL + key)
    sizes = LIST_SIZES if kind == "list" else PAGE_SIZES
    return SafeString(
        f'<link rel="preload" as="image" fetchpriority="high" type="image/avif" '
        f'imagesrcset="{_SETS[kind].replace(_BASE, base)}" imagesizes="{sizes}">'
    )


def srcset(base: str, kind: str, suffix: str = "webp") -> str:
    """`…/160.webp 160w, …` for the widths that make sense at this size."""
    widths = [width for width in IMAGE_WIDTHS if (width >= 320 or kind == "list") and width <= 960]
    return ", ".join(f"{base}/{width}.{suffix} {width}w" for width in widths)


_BASE = "BASE"
_SETS = {kind: srcset(_BASE, kind, "avif") for kind in ("list", "page")}
_SOURCES = {
    kind: "".join(
        f'<source type="image/{one}" srcset="{srcset(_BASE, kind, one)}" sizes="{sizes}">' for one in ("avif", "webp")
    )
    for kind, sizes in (("list", LIST_SIZES), ("page", PAGE_SIZES))
}


@register.simple_tag
def large_picture(key: str) -> str:
    """Where the largest rendition lies, for a closer look."""
    return image_url(key, max(IMAGE_WIDTHS), "jpg")
