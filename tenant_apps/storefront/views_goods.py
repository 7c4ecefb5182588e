"""Pages of goods: home, categories, search, product. No session is touched, so that anonymous pages stay cheap."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from saas.kernel.errors import NotFound
from tenant_apps.catalog import selectors as catalog

_MAX_PAGE = 500
SORTS = ("", "new", "price", "-price")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Categories, the newest and the most bought."""
    return render(
        request,
        "storefront/home.html",
        {
            "active_tab": "home",
            "categories": tuple(catalog.category_tree()),
            "popular": catalog.list_cards(page_size=12).cards,
            "newest": catalog.list_cards(order="new", page_size=8).cards,
        },
    )


@require_safe
def category(request: HttpRequest, slug: str = "") -> HttpResponse:
    """One category (or everything), 20 products at a time; htmx asks for the further pages."""
    categories = tuple(catalog.category_tree())
    current, siblings = _place(categories, slug)
    if slug and current is None:
        raise NotFound
    return _list(
        request,
        {
            "active_tab": "category",
            "categories": categories,
            "current": current,
            "siblings": siblings,
            "slug": slug,
            "heading": current.name if current else _("All goods"),
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Products whose title holds every word of `q`."""
    query = " ".join(request.GET.get("q", "").split())[:40]
    return _list(request, {"query": query, "heading": query or _("All goods"), "slug": ""})


def _list(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    order = request.GET.get("sort", "")
    order = order if order in SORTS else ""
    page = request.GET.get("page", "1")
    number = min(int(page), _MAX_PAGE) if page.isdecimal() else 1
    found = catalog.list_cards(
        category_slug=str(context["slug"]), query=str(context.get("query", "")), order=order, page=number
    )
    parameters = request.GET.copy()
    parameters.pop("page", None)
    context |= {"found": found, "order": order, "more": f"?{parameters.urlencode()}&page={found.next_number}"}
    part = bool(request.htmx) and number > 1  # type: ignore[attr-defined]
    return render(request, "storefront/cards.html" if part else "storefront/list.html", context)


def _place(
    categories: tuple[catalog.CategoryNode, ...], slug: str
) -> tuple[catalog.CategoryNode | None, tuple[catalog.CategoryNode, ...]]:
    """The category of a slug and what to offer beside it: its children, or its brothers and sisters."""
    for top in categories:
        if top.slug == slug:
            return top, top.children
        for child in top.children:
            if child.slug == slug:
                return child, top.children
    return None, ()


@require_safe
def product(request: HttpRequest, ulid: str) -> HttpResponse:
    """One product: pictures, options, price, stock, description."""
    found = catalog.product_page(ulid)
    wanted = request.GET.get("sku", "")
    chosen = next((sku for sku in found.skus if sku.ulid == wanted), None)
    chosen = chosen or next((sku for sku in found.skus if sku.stock > 0), found.skus[0] if found.skus else None)
    return render(
        request,
        "storefront/product.html",
        {
            "product": found,
            "chosen": chosen,
            "quantity": _quantity(request.GET.get("qty", "1")),
            "share_url": request.build_absolute_uri(request.path),
        },
    )


def _quantity(text: str) -> int:
    return min(max(int(text), 1), 999) if text.isdecimal() else 1
