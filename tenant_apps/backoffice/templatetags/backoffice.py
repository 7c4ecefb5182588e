"""Filters of the console's pages."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from saas.kernel.money import format_yuan
from tenant_apps.backoffice import labels
from tenant_apps.members import divisions
from tenant_apps.settlement import sentences

register = template.Library()


@register.filter
def badge(state: str, kind: str) -> SafeString:
    """A state as a coloured word; `kind` names a table of labels, e.g. `order`."""
    text, tone = getattr(labels, f"{kind.upper()}_STATES").get(state, (state, ""))
    return format_html('<span class="bo-badge{}">{}</span>', f" bo-badge-{tone}" if tone else "", text)


@register.filter
def area_name(code: str) -> str:
    """`广东省深圳市南山区` for an administrative code; the code itself where the lists do not have it."""
    return divisions.full_name(code) or code


@register.filter
def degrees(millionths: int | None) -> str:
    """A latitude or longitude as people write it; empty where there is none."""
    return "" if millionths is None else f"{millionths / 1_000_000:.6f}"


@register.filter
def plain_yuan(fen: int) -> str:
    """`12.50`: an amount as a form's field takes it."""
    return format_yuan(fen)


@register.filter
def award_kind(kind: str) -> str:
    """`level2` and the like in words."""
    return sentences.kind_word(kind)
