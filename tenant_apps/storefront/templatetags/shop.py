"""Tags of the storefront: pictures with their renditions."""

import datetime as dt
from collections.abc import Sequence
from html import escape

from django import template
from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from saas.kernel.clock import CHINA, now
from saas.kernel.money import display_yuan
from tenant_apps.catalog.rules import IMAGE_WIDTHS
from tenant_apps.catalog.selectors import Card, image_url
from tenant_apps.modes.contract import Sentence
from tenant_apps.modes.legal_table import PROMOTION_DISCLOSURES
from tenant_apps.modes.sentences import render

register = template.Library()
LIST_SIZES = "(min-width:64rem) 15rem, (min-width:40rem) 30vw, 46vw"
PAGE_SIZES = "(min-width:64rem) 30rem, (min-width:40rem) 46vw, 100vw"


@register.simple_tag
def promotion_disclosures() -> list[str]:
    """What stands on every page about earning (MODES 14 #4, #9), in the reader's language."""
    return [render(Sentence(one)) for one in PROMOTION_DISCLOSURES]


@register.simple_tag
def cards(found: Sequence[Card], eager: int = 0) -> SafeString:
    """The <li>s of a list of products; the first `eager` pictures are fetched at once.

    Written in Python, not as a template: a list of twenty costs a third of the time.
    """
    sold_out = f'<span class="badge badge-sm">{escape(_("Sold out"))}</span>'
    sold, member = escape(_("NUMBER sold")), escape(_("Partners pay"))
    flash = {"now": escape(_("Flash sale")), "left": escape(_("NUMBER left"))}
    return SafeString(
        "".join(_card(one, place < eager, sold_out, sold, member, flash) for place, one in enumerate(found))
    )


def _card(one: Card, eager: bool, sold_out: str, sold: str, member: str, flash: dict[str, str]) -> str:
    title = escape(one.title)
    more = '<span class="text-xs font-normal"> +</span>' if one.highest_price_amount > one.price_amount else ""
    note = sold_out if one.stock < 1 else ""
    if not note and one.sold:
        note = f'<span class="muted text-xs">{sold.replace("NUMBER", str(one.sold))}</span>'
    lower = one.member_price_amount
    partner = f'<span class="muted block text-xs">{member} {display_yuan(lower)}</span>' if lower else ""
    price = f'<span class="price">{display_yuan(one.price_amount)}{more}</span>'
    if one.flash_amount:
        price = (
            f'<span><span class="price">{display_yuan(one.flash_amount)}</span> '
            f'<s class="muted text-xs">{display_yuan(one.price_amount)}</s></span>'
        )
        note = f'<span class="muted text-xs">{flash["left"].replace("NUMBER", str(one.flash_left))}</span>'
        partner = (
            f'<span class="mt-1 flex items-center gap-2 text-xs"><span class="badge badge-primary badge-sm">'
            f"{flash['now']}</span>{countdown(one.flash_ends_at)}</span>"
        )
    return (
        f'<li><a class="card-link" href="{escape(one.address)}">{picture(one.image_key, one.title, "list", eager)}'
        f'<span class="block p-2.5"><span class="line-clamp-2 min-h-10 text-sm leading-5">{title}</span>'
        '<span class="mt-1 flex items-baseline justify-between gap-2">'
        f"{price}{note}</span>{partner}</span></a></li>"
    )


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
def picture(key: str, alt: str = "", kind: str = "list", eager: bool = False) -> SafeString:
    """A catalogue picture: AVIF, WebP, else JPEG in every width we keep, a fixed square box, lazy unless `eager`.

    `kind`: list (a card), page (the product page), thumb (a line of an order).
    """
    if not key:
        return SafeString('<span class="block aspect-square w-full bg-base-200"></span>')
    base = escape(settings.MEDIA_URL + key)
    load = 'fetchpriority="high"' if eager else 'loading="lazy" decoding="async"'
    if kind == "thumb":
        return SafeString(
            f'<img class="aspect-square w-full object-cover" src="{base}/160.webp" alt="{escape(str(alt))}" '
            f'width="160" height="160" {load}>'
        )
    sizes = LIST_SIZES if kind == "list" else PAGE_SIZES
    sources = "".join(
        f'<source type="image/{one}" srcset="{srcset(base, kind, one)}" sizes="{sizes}">' for one in ("avif", "webp")
    )
    return SafeString(
        f'<picture>{sources}<img class="aspect-square w-full object-cover" '
        f'src="{base}/{640 if kind == "page" else 320}.jpg" alt="{escape(str(alt))}" width="640" height="640" {load}>'
        "</picture>"
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
        f'imagesrcset="{srcset(base, kind, "avif")}" imagesizes="{sizes}">'
    )


def srcset(base: str, kind: str, suffix: str = "webp") -> str:
    """`…/160.webp 160w, …` for the widths that make sense at this size."""
    widths = [width for width in IMAGE_WIDTHS if (width >= 320 or kind == "list") and width <= 960]
    return ", ".join(f"{base}/{width}.{suffix} {width}w" for width in widths)


@register.simple_tag
def large_picture(key: str) -> str:
    """Where the largest rendition lies, for a closer look."""
    return image_url(key, max(IMAGE_WIDTHS), "jpg")
