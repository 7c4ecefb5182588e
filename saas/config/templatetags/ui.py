"""Filters that every template has without loading them (settings TEMPLATES builtins): money, rates, icons."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from saas.kernel import money

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as `¥12.90`, grouped by thousands; empty for None."""
    return "" if fen is None else money.display_yuan(fen)


@register.filter
def percent(rate_ppm: int | None) -> str:
    """Parts per million as `5.25%`; empty for None."""
    return "" if rate_ppm is None else money.format_percent(rate_ppm)


@register.filter
def phone(number: str | None) -> str:
    """A stored number (E.164) as people in China write it: without +86."""
    return (number or "").removeprefix("+86")


@register.simple_tag
def icon(name: str, classes: str = "size-5") -> SafeString:
    """A picture of static/ui/icons.svg, decorative: give the button or link its own text or aria-label."""
    return format_html(
        '<svg class="{}" aria-hidden="true" width="24" height="24"><use href="{}#{}"/></svg>',
        classes,
        _sprite(),
        name,
    )


def _sprite() -> str:
    return static("ui/icons.svg")
