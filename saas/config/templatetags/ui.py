"""Tags that every template has without loading them (settings TEMPLATES builtins): money, rates, icons, kept parts."""

import functools
from typing import Any

from django import template
from django.template.loader_tags import BlockNode
from django.templatetags.static import static
from django.utils.functional import LazyObject, empty
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from saas.identity import audit_words
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
def multiple(ppm: int | None) -> str:
    """Parts per million as a multiple, `0.214×`; empty for None."""
    return "" if ppm is None else money.format_multiple(ppm)


@register.filter
def points(centi_points: int | None) -> str:
    """Centi-points as `1,234.50`; empty for None."""
    return "" if centi_points is None else money.display_yuan(centi_points).replace("¥", "")


@register.filter
def phone(number: str | None) -> str:
    """A stored number (E.164) as people in China write it: without +86."""
    return (number or "").removeprefix("+86")


@register.simple_tag
@functools.lru_cache(maxsize=1000)
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


@register.tag
def keep(parser: template.base.Parser, token: template.base.Token) -> "KeptNode":
    """`{% keep brand cart_count %}…{% endkeep %}`: rendered once a process and language for equal values of the names.

    The inside sees those names and nothing else of the page, so what is kept cannot depend on, or leak, anything else
    (no request, no other mall). Values must be hashable. Blocks cannot stand inside.
    """
    names = token.split_contents()[1:]
    inside = parser.parse(("endkeep",))
    parser.delete_first_token()
    if inside.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError("a block cannot be kept: put keep inside the block")
    return KeptNode(names, inside)


class KeptNode(template.Node):
    """See `keep`."""

    child_nodelists = ("inside",)
    MOST = 1000  # kept forms of one place in a template; forgotten all at once

    def __init__(self, names: list[str], inside: template.base.NodeList) -> None:
        self.names, self.inside = names, inside
        self.kept: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """The kept text, or the text of now, which is then kept."""
        values = [_unwrapped(context.get(name)) for name in self.names]
        key = (get_language(), *values)
        text = self.kept.get(key)
        if text is None:
            alone = template.Context(dict(zip(self.names, values, strict=True)), autoescape=context.autoescape)
            with alone.bind_template(context.template):  # type: ignore[arg-type]
                text = self.inside.render(alone)
            if len(self.kept) >= self.MOST:
                self.kept.clear()
            self.kept[key] = text
        return text


def _unwrapped(value: Any) -> Any:
    """What a lazy object stands for: the wrapper would keep its request alive."""
    if isinstance(value, LazyObject):
        if value._wrapped is empty:  # type: ignore[attr-defined]
            value._setup()  # type: ignore[attr-defined]
        return value._wrapped  # type: ignore[attr-defined]
    return value


@register.filter
def actor(value: str) -> str:
    """Who that was, by name: `user:01J…` and parts of the system."""
    return audit_words.names_of([value]).get(value, value)
