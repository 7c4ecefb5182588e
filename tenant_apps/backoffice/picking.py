"""Search fields that find products, SKUs, categories, sellers and members by what people call them."""

from collections.abc import Callable

from django.db.models import Q

from tenant_apps.catalog.models import Category, Product, Sku
from tenant_apps.members import divisions
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors as sellers

LIMIT = 12
Found = list[dict[str, str]]


def found(kind: str, query: str) -> Found:
    """What a search field of that kind offers for a query; nothing for a kind there is none of."""
    search = _KINDS.get(kind)
    return search(query) if search else []


def names(*, sku: str = "", member: str = "") -> dict[str, str]:
    """What to show for keys that were picked before: ULID → text."""
    rows = Sku.objects.select_related("product").filter(ulid=sku) if sku else ()
    texts = {one.ulid: _sku_text(one) for one in rows}
    people = Member.objects.select_related("user").filter(ulid=member) if member else ()
    return texts | {one.ulid: _member_text(one) for one in people}


def titles(keys: set[str]) -> dict[str, str]:
    """What products, SKUs, categories and sellers of these keys are called; words that are no keys are left out."""
    if not keys:
        return {}
    found = dict(Category.objects.filter(slug__in=keys).values_list("slug", "name"))
    found |= dict(Product.objects.filter(ulid__in=keys).values_list("ulid", "title"))
    found |= {one.ulid: _sku_text(one) for one in Sku.objects.select_related("product").filter(ulid__in=keys)}
    return found | sellers.names(keys)


def _skus(query: str) -> Found:
    rows = Sku.objects.select_related("product").filter(is_active=True).exclude(product__status="recycled")
    if query:
        rows = rows.filter(Q(product__title__icontains=query) | Q(code__istartswith=query) | Q(ulid=query))
    return [{"key": one.ulid, "text": _sku_text(one)} for one in rows.order_by("-product_id", "position")[:LIMIT]]


def _products(query: str) -> Found:
    rows = Product.objects.exclude(status="recycled")
    if query:
        rows = rows.filter(Q(title__icontains=query) | Q(ulid=query))
    return [{"key": one.ulid, "text": one.title} for one in rows.order_by("-pk")[:LIMIT]]


def _categories(query: str) -> Found:
    rows = Category.objects.select_related("parent")
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(slug__istartswith=query))
    return [
        {"key": one.slug, "text": f"{one.parent.name} / {one.name}" if one.parent else one.name}
        for one in rows.order_by("position", "pk")[:LIMIT]
    ]


def _members(query: str) -> Found:
    rows = Member.objects.select_related("user").filter(closed_at=None)
    if query:
        rows = rows.filter(
            Q(name__icontains=query) | Q(user__phone__contains=query) | Q(share_code=query.lower()) | Q(ulid=query)
        )
    return [{"key": one.ulid, "text": _member_text(one)} for one in rows.order_by("-pk")[:LIMIT]]


def _sellers(query: str) -> Found:
    return [{"key": one.ulid, "text": one.name} for one in sellers.sellers(query=query)[:LIMIT]]


def _districts(query: str) -> Found:
    return [{"key": code, "text": name} for code, name in divisions.search_districts(query, limit=LIMIT)]


def _sku_text(sku: Sku) -> str:
    return f"{sku.product.title} {sku.option_text}".strip()


def _member_text(member: Member) -> str:
    phone = getattr(member.user, "phone", "") or ""
    return " · ".join(part for part in (member.name, phone[-4:] and f"…{phone[-4:]}", member.share_code) if part)


_KINDS: dict[str, Callable[[str], Found]] = {
    "sku": _skus,
    "product": _products,
    "category": _categories,
    "member": _members,
    "seller": _sellers,
    "district": _districts,
}
