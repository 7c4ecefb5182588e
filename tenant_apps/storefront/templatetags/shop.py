"""Tags of the storefront: pictures with their renditions."""

from django import template
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString

from tenant_apps.catalog.rules import IMAGE_WIDTHS

register = template.Library()
LIST_SIZES = "(min-width:64rem) 15rem, (min-width:40rem) 30vw, 46vw"
PAGE_SIZES = "(min-width:64rem) 30rem, (min-width:40rem) 46vw, 100vw"


@register.filter
def into(number: int, text: str) -> str:
    """`NUMBER sold` with the number in its place: one translation for a whole list of cards."""
    return text.replace("NUMBER", str(number))


@register.simple_tag
def picture(key: str, alt: str = "", kind: str = "list", eager: bool = False) -> SafeString:
    """An <img> of a catalogue picture: WebP in every width we keep, a fixed square box, lazy unless `eager`.

    `kind`: list (a card), page (the product page), thumb (a line of an order).
    """
    if not key:
        return SafeString('<span class="block aspect-square w-full bg-base-200"></span>')
    base = escape(settings.MEDIA_URL + key)
    load = 'fetchpriority="high"' if eager else 'loading="lazy" decoding="async"'
    if kind == "thumb":
        return SafeString(
            f'<img class="aspect-square w-full object-cover" src="{base}/160.webp" alt="{escape(alt)}" '
            f'width="160" height="160" {load}>'
        )
    sizes = LIST_SIZES if kind == "list" else PAGE_SIZES
    return SafeString(
        f'<img class="aspect-square w-full object-cover" src="{base}/{640 if kind == "page" else 320}.webp" '
        f'srcset="{srcset(base, kind)}" sizes="{sizes}" alt="{escape(alt)}" width="640" height="640" {load}>'
    )


@register.simple_tag
def preload_picture(key: str, kind: str = "page") -> SafeString:
    """The <link> that lets the browser fetch a page's largest picture at once."""
    if not key:
        return SafeString("")
    base = escape(settings.MEDIA_URL + key)
    sizes = LIST_SIZES if kind == "list" else PAGE_SIZES
    return SafeString(
        f'<link rel="preload" as="image" fetchpriority="high" type="image/webp" '
        f'imagesrcset="{srcset(base, kind)}" imagesizes="{sizes}">'
    )


def srcset(base: str, kind: str) -> str:
    """`…/160.webp 160w, …` for the widths that make sense at this size."""
    widths = [width for width in IMAGE_WIDTHS if width >= 320 or kind == "list"]
    return ", ".join(f"{base}/{width}.webp {width}w" for width in widths)
