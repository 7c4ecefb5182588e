"""The form of a coupon, as staff and sellers fill it in, and coupons as lists show them. The screens mount it."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saas.kernel.clock import CHINA
from saas.kernel.errors import InvalidInput
from saas.kernel.ids import is_ulid, new_ulid
from saas.kernel.money import display_yuan, format_percent, parse_yuan
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.selectors.jobs import chosen_products
from tenant_apps.promotions import selectors
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import BY_INVITATION, Audience, CouponDraft, CouponKind, Scope
from tenant_apps.sellers import selectors as sellers

FIELDS = (
    "title", "seller", "kind", "amount", "percent", "cap", "threshold", "steps", "only", "products", "audience", "starts_on",
    "ends_on", "valid_days", "total_qty", "person_limit", "day_limit", "form",
)  # fmt: skip
_PRODUCT = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
AUDIENCES: dict[str, str | Promise] = {
    Audience.ALL: gettext_lazy("everybody"),
    Audience.PARTNER: gettext_lazy("partners"),
    Audience.FIRST_PURCHASE: gettext_lazy("members after their first completed purchase"),
    Audience.INVITED_REGISTERED: gettext_lazy("given to who was invited, when he has registered"),
    Audience.INVITED_PAID: gettext_lazy("given to who was invited, when he has paid his first order"),
    Audience.INVITER_REGISTERED: gettext_lazy("given to who invited, when the invited has registered"),
    Audience.INVITER_PAID: gettext_lazy("given to who invited, when the invited has paid his first order"),
}


def audiences(*, for_seller: bool) -> list[tuple[str, str | Promise]]:
    """Who a coupon can be for; invitations are the mall's."""
    return [(key, words) for key, words in AUDIENCES.items() if not (for_seller and key in BY_INVITATION)]


@dataclass(frozen=True)
class Row:
    """A coupon in a list: its terms in words, its seller, how it does, and where it stands."""

    coupon: Coupon
    worth: str
    goods: str
    seller: str
    audience: str | Promise
    state: str  # coming, running, gone, over, ended
    figures: selectors.Figures

    @property
    def is_reduction(self) -> bool:
        return self.coupon.kind == CouponKind.STEPS

    @property
    def can_be_ended(self) -> bool:
        return self.state in ("coming", "running", "gone")


def blank(*, now: dt.datetime) -> dict[str, Any]:
    """The form before anything is typed: from today on for a month."""
    today = now.astimezone(CHINA).date()
    return {
        "form": new_ulid(),
        "kind": "amount",
        "only": [],
        "starts_on": today.isoformat(),
        "ends_on": (today + dt.timedelta(days=30)).isoformat(),
        "threshold": "0",
        "valid_days": "0",
        "total_qty": "100",
        "person_limit": "1",
    }


def typed(posted: QueryDict) -> dict[str, Any]:
    """What was typed, to be shown again."""
    return {name: posted.getlist(name)[:200] if name == "only" else posted.get(name, "")[:8000] for name in FIELDS}


def form_of(values: dict[str, Any]) -> str:
    """Which form it is, so that it makes one coupon however often it is sent; empty where a stranger wrote it."""
    return values["form"] if is_ulid(values["form"]) else ""


def draft_of(values: dict[str, Any], *, seller_ulid: str, now: dt.datetime) -> CouponDraft:
    """The typed form as a draft. Raises InvalidInput naming the field."""
    scope, chosen = _scope(values, seller_ulid)
    first, last = _day(values, "starts_on"), _day(values, "ends_on")
    starts_at = dt.datetime.combine(first, dt.time(), CHINA)
    by_part, by_steps = values["kind"] == CouponKind.PERCENT, values["kind"] == CouponKind.STEPS
    kind = CouponKind(values["kind"]) if by_part or by_steps else CouponKind.AMOUNT
    return CouponDraft(
        title=values["title"],
        seller_ulid=seller_ulid,
        kind=kind,
        amount=0 if by_part or by_steps else _yuan(values, "amount"),
        off_ppm=_percent(values) if by_part else 0,
        cap_amount=_yuan(values, "cap") if by_part else 0,
        threshold_amount=0 if by_steps else _yuan(values, "threshold"),
        steps=_steps(values) if by_steps else (),
        scope=scope,
        scope_values=chosen,
        audience=Audience(values["audience"])
        if values["audience"] in list(Audience) and not by_steps
        else Audience.ALL,
        starts_at=max(starts_at, now) if first == now.astimezone(CHINA).date() else starts_at,
        ends_at=dt.datetime.combine(last, dt.time(), CHINA) + dt.timedelta(days=1),
        valid_days=0 if by_steps else _whole(values, "valid_days"),
        total_qty=1 if by_steps else _whole(values, "total_qty"),
        person_limit=1 if by_steps else _whole(values, "person_limit"),
        day_limit=0 if by_steps else _whole(values, "day_limit"),
    )


def scope_choices(*, for_seller: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a coupon can be limited to, by kind: categories, zones and, for the mall's, sellers."""
    tree = []
    for node in catalog.category_tree():
        tree.append((f"{Scope.CATEGORIES}:{node.slug}", node.name))
        tree += [(f"{Scope.CATEGORIES}:{one.slug}", f"{node.name} / {one.name}") for one in node.children]
    zones = [(f"{Scope.ZONES}:{key}", _(name)) for key, name in catalog.zone_names().items()]
    shops = [] if for_seller else [(f"{Scope.SELLERS}:{ulid}", name) for ulid, name in sellers.choices()]
    groups = [(_("Categories"), tree), (_("Zones"), zones), (_("Sellers"), shops)]
    return [(title, options) for title, options in groups if options]


def rows_of(coupons: list[Coupon], *, now: dt.datetime) -> list[Row]:
    """Coupons as lists show them (three statements)."""
    figures = selectors.figures(coupons)
    names = sellers.names(one.seller_ulid for one in coupons)
    words = goods_words(coupons)
    return [
        Row(
            coupon=one,
            worth=worth(one),
            goods=words[one.pk],
            seller=names.get(one.seller_ulid, ""),
            audience=AUDIENCES[one.audience],
            state=_state(one, now),
            figures=figures.get(one.pk, selectors.Figures()),
        )
        for one in coupons
    ]


def worth(row: Coupon) -> str:
    """`¥10.00 off from ¥50.00`, in words; of a full reduction each step."""
    if row.kind == CouponKind.STEPS:
        parts = [
            _("%(off)s off from %(least)s") % {"off": display_yuan(off), "least": display_yuan(least)}
            for least, off in row.steps
        ]
        return _("; ").join(parts)
    if row.kind == CouponKind.PERCENT:
        part = {"part": format_percent(row.off_ppm), "most": display_yuan(row.cap_amount)}
        text = _("%(part)s off, at most %(most)s") % part
    else:
        text = _("%(amount)s off") % {"amount": display_yuan(row.amount)}
    if not row.threshold_amount:
        return text
    return _("%(worth)s, from goods of %(amount)s") % {
        "worth": text,
        "amount": display_yuan(row.threshold_amount),
    }


def goods_words(coupons: list[Coupon]) -> dict[int, str]:
    """By primary key, the goods that a coupon is for."""
    shops = sellers.names(ulid for one in coupons if one.scope == Scope.SELLERS for ulid in one.scope_values)
    kinds = {one.scope for one in coupons}
    zones = catalog.zone_names() if Scope.ZONES in kinds else {}
    names: dict[str, str] = {}
    if Scope.CATEGORIES in kinds:
        for node in catalog.category_tree():
            names |= {node.slug: node.name} | {one.slug: one.name for one in node.children}
    found = {}
    for one in coupons:
        match Scope(one.scope):
            case Scope.ALL:
                text = _("all goods but gift packs")
            case Scope.PRODUCTS:
                text = _("%(count)s chosen products") % {"count": len(one.scope_values)}
            case Scope.CATEGORIES:
                text = ", ".join(names.get(value, value) for value in one.scope_values)
            case Scope.SELLERS:
                text = ", ".join(shops.get(value, value) for value in one.scope_values)
            case Scope.ZONES:
                text = ", ".join(_(zones[value]) if value in zones else value for value in one.scope_values)
        found[one.pk] = text
    return found


def _state(row: Coupon, now: dt.datetime) -> str:
    if row.ended_at is not None:
        return "ended"
    if row.ends_at <= now:
        return "over"
    if row.starts_at > now:
        return "coming"
    return "gone" if row.taken_qty >= row.total_qty and row.kind != CouponKind.STEPS else "running"


def _scope(values: dict[str, Any], seller_ulid: str) -> tuple[Scope, tuple[str, ...]]:
    known = {value for _title, options in scope_choices(for_seller=bool(seller_ulid)) for value, _name in options}
    chosen = [value for value in values["only"] if value]
    products = tuple(dict.fromkeys(_PRODUCT.findall(values["products"])))
    kinds = {value.partition(":")[0] for value in chosen} | (
        {str(Scope.PRODUCTS)} if values["products"].strip() else set()
    )
    if not kinds:
        return Scope.ALL, ()
    if len(kinds) > 1 or not set(chosen) <= known:
        raise InvalidInput(_("Choose goods of one kind only: categories, products, sellers or zones."), field="only")
    if not chosen:
        if not products or set(chosen_products(products)) != set(products):
            raise InvalidInput(
                _("Paste the addresses of products, one a line; one of them is unknown."), field="products"
            )
        return Scope.PRODUCTS, products
    return Scope(kinds.pop()), tuple(value.partition(":")[2] for value in chosen)


def _yuan(values: dict[str, Any], name: str) -> int:
    try:
        return parse_yuan(values[name].strip() or "0")
    except ValueError:
        raise InvalidInput(_("Amounts are in yuan, such as 12.50."), field=name) from None


def _steps(values: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    """Lines like `100 20`: from goods of, and off, in yuan."""
    found = []
    for line in values["steps"].splitlines():
        if line.strip():
            parts = re.split(r"[\s,，:：\-–]+", line.strip())
            try:
                least, off = (parse_yuan(part) for part in parts)
            except ValueError:
                raise InvalidInput(
                    _("A step is a line such as “100 20”: from goods of ¥100, ¥20 off."), field="steps"
                ) from None
            found.append((least, off))
    return tuple(found)


def _percent(values: dict[str, Any]) -> int:
    text = values["percent"].strip()
    if not re.fullmatch(r"\d{1,2}(\.\d{1,2})?", text):
        raise InvalidInput(_("The part taken off is a percentage, such as 15 or 7.5."), field="percent")
    whole, _point, parts = text.partition(".")
    return int(whole) * 10_000 + int(parts.ljust(2, "0") or "0") * 100


def _whole(values: dict[str, Any], name: str) -> int:
    text = values[name].strip() or "0"
    if not text.isdecimal() or len(text) > 7:
        raise InvalidInput(_("Numbers are whole, such as 100."), field=name)
    return int(text)


def _day(values: dict[str, Any], name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(values[name])
    except ValueError:
        raise InvalidInput(_("Days are written like 2026-11-22."), field=name) from None
