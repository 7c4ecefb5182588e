"""Products that sellers ask the mall to look at: the queue, one with what would change, agree or give back."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.money import display_yuan
from tenant_apps.backoffice.labels import LISTING_FIELDS
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.catalog import drafts
from tenant_apps.catalog.drafts import Difference
from tenant_apps.catalog.models import Brand, Category, Product, ProductImage
from tenant_apps.catalog.rules import ProductStatus, ReviewState, price_terms
from tenant_apps.catalog.selectors import image_url
from tenant_apps.catalog.services import changes
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services


@needs(Role.GOODS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first; or what was given back and not mended yet."""
    state = request.GET.get("state", ReviewState.WAITING)
    state = state if state in (ReviewState.WAITING, ReviewState.RETURNED) else ReviewState.WAITING
    rows = Product.objects.filter(review_state=state).exclude(status=ProductStatus.RECYCLED).order_by("pk")
    page = page_of(request, rows)
    names = sellers.names(row.seller_ulid for row in page)
    return show(
        request,
        "listings",
        _("Products to look at"),
        page=page,
        lines=[(row, names.get(row.seller_ulid, ""), bool((row.review or {}).get("draft"))) for row in page],
        tabs=[(ReviewState.WAITING, _("Waiting")), (ReviewState.RETURNED, _("Given back"))],
        state=state,
    )


@needs(Role.GOODS)
@require_safe
def one(request: HttpRequest, ulid: str) -> HttpResponse:
    """One product that waits: what is live, what is asked, the pictures as they would be."""
    row = Product.objects.select_related("category", "brand").filter(ulid=ulid).exclude(review_state="").first()
    if row is None:
        raise Http404
    live = drafts.draft_of(row)
    asked = (row.review or {}).get("draft")
    found = drafts.differences(live, drafts.from_json(asked, seller_ulid=row.seller_ulid)) if asked else []
    wanted = changes.pictures_of(row)
    kept = {picture["ulid"] for picture in wanted}
    return show(
        request,
        "listing",
        row.title,
        row=row,
        seller=sellers.seller(row.seller_ulid),
        live=live,
        is_live=row.status == ProductStatus.ON_SHELF,
        differences=[_shown(difference) for difference in found],
        pictures=[(picture, image_url(picture["key"], 320)) for picture in wanted],
        gone=[
            image_url(image.key, 320)
            for image in ProductImage.objects.filter(product=row).order_by("position", "pk")
            if image.ulid not in kept
        ],
        reason=(row.review or {}).get("reason", ""),
        token=services.token_of(row),
    )


@needs(Role.GOODS)
@require_POST
def step(request: HttpRequest, ulid: str) -> HttpResponse:
    """Agree, or give it back with a reason."""
    who: dict[str, Any] = {
        "product_ulid": ulid,
        "seen": request.POST.get("seen", ""),
        "actor": actor_of(request),
        "now": now(),
    }
    wanted = request.POST.get("step", "")
    verbs: dict[str, tuple[Callable[[], object], str]] = {
        "approve": (lambda: services.approve_listing(**who), _("It is live. The seller is told.")),
        "return": (
            lambda: services.return_listing(**who, reason=request.POST.get("reason", "")),
            _("Given back. The seller reads the reason."),
        ),
    }
    if wanted not in verbs:
        raise Http404
    call, done = verbs[wanted]
    failed = reverse("backoffice:listing", args=[ulid])
    answer = act(request, call, done=done, back=reverse("backoffice:listings"))
    still = Product.objects.filter(ulid=ulid, review_state=ReviewState.WAITING).exists()
    if still:
        answer["Location"] = failed
    return answer


def _shown(difference: Difference) -> tuple[Any, str, str, str]:
    label = LISTING_FIELDS[difference.field]
    return label, difference.of, _text(difference.field, difference.before), _text(difference.field, difference.after)


def _text(field: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    if field in ("price_amount", "supply_amount", "compare_amount", "sku_added", "sku_gone"):
        return display_yuan(value)
    if field == "category":
        return str(Category.objects.filter(slug=value).first() or value)
    if field == "brand":
        return str(Brand.objects.filter(slug=value).first() or value)
    if field == "terms":
        terms = price_terms(value)
        parts = [display_yuan(price) for _level, price in terms.levels]
        return "; ".join([*parts, *(f"{qty}: {display_yuan(price)}" for qty, price in terms.tiers)])
    if field == "options":
        return "; ".join(f"{one['name']}: {', '.join(one['values'])}" for one in value)
    if field == "tags":
        return ", ".join(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
