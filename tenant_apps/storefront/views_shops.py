"""Shops of sellers as shoppers see them: the list, one shop with its goods and score, its licence, a report about it."""

import dataclasses

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.care import selectors as care
from tenant_apps.care import services as care_services
from tenant_apps.care.talking import Reported
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.selectors import image_url
from tenant_apps.members.access import member_required
from tenant_apps.modes import quoting
from tenant_apps.sellers import selectors
from tenant_apps.sellers.applying import PaperKind
from tenant_apps.storefront.access import current, member_of

PAGE = 20
_MAX_PAGE = 500
SORTS = ("", "new", "price", "-price")


@require_safe
def shops(request: HttpRequest) -> HttpResponse:
    """Sellers who sell today, by name, with their score; `q` narrows by name."""
    number, query = _page_number(request), request.GET.get("q", "").strip()[:60]
    rows = list(selectors.shops_on_sale(now=now(), query=query)[(number - 1) * PAGE : number * PAGE + 1])
    scores = care.scores(row.ulid for row in rows)
    context = {
        "page_title": _("Shops"),
        "rows": [(row, scores.get(row.ulid)) for row in rows[:PAGE]],
        "query": query,
        "page": number,
        "has_next": len(rows) > PAGE,
    }
    return render(request, "storefront/shops/list.html", context)


@never_cache
@require_safe
def shop(request: HttpRequest, code: str) -> HttpResponse:
    """One shop: name, score, licence, its goods 20 at a time (htmx asks for the further pages); a paused one says so."""
    row = selectors.shop_by_code(code)
    order = request.GET.get("sort", "")
    order = order if order in SORTS else ""
    found = catalog.list_cards(seller_ulid=row.ulid, order=order, page=_page_number(request))
    found = dataclasses.replace(found, cards=quoting.price_cards(found.cards, now=now()))
    context = {"found": found, "more": f"?sort={order}&page={found.next_number}"}
    if bool(request.htmx) and found.number > 1:  # type: ignore[attr-defined]
        return render(request, "storefront/cards.html", context)
    member = member_of(request)
    context |= {
        "page_title": row.name,
        "back": reverse("shops:list"),
        "row": row,
        "logo": image_url(row.profile["logo"], 160) if row.profile.get("logo") else "",
        "sells": selectors.terms([row.ulid], now=now())[row.ulid].sells,
        "score": care.scores([row.ulid]).get(row.ulid),
        "kept": member is not None and row.ulid in care.shelf(member).sellers,
        "order": order,
        "sorts": [("", _("Popular")), ("new", _("New")), ("price", _("Cheapest")), ("-price", _("Dearest"))],
    }
    return render(request, "storefront/shops/shop.html", context)


@require_safe
def licence(request: HttpRequest, code: str) -> HttpResponse:
    """What the law wants to be shown of who sells: company, number, until when; licences for categories of goods."""
    row = selectors.shop_by_code(code)
    papers = [one for one in row.papers if one["kind"] == PaperKind.CATEGORY and not one.get("waits")]
    names = {node.slug: node.name for top in catalog.category_tree() for node in (top, *top.children)}
    context = {
        "page_title": _("Licence of %(shop)s") % {"shop": row.name},
        "back": reverse("shops:shop", args=[row.code]),
        "row": row,
        "papers": [(names.get(one["category"], ""), one["title"], one["until"]) for one in papers],
    }
    return render(request, "storefront/shops/licence.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Tell the mall what is wrong with a shop; it answers in the chat."""
    row = selectors.shop_by_code(code)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            talk = care_services.report_seller(
                seller_ulid=row.ulid,
                member=current(request),
                ground=request.POST.get("ground", ""),
                text=request.POST.get("text", ""),
                now=now(),
            )
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Thank you. The mall looks into it and answers here."))
            return redirect("care:talk", talk.ulid)
    context = {
        "page_title": _("Report the shop"),
        "back": reverse("shops:shop", args=[row.code]),
        "row": row,
        "grounds": [(one.value, care_services.ground_text(one)) for one in Reported],
        "typed": request.POST,
        "error": error,
    }
    return render(request, "storefront/shops/report.html", context, status=error.http_status if error else 200)


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), _MAX_PAGE) if text.isdecimal() else 1
