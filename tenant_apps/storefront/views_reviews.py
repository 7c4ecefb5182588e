"""Reviews: what a product's buyers say, a buyer's own word, the answer of a shop's owner."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.care import rules, selectors, services
from tenant_apps.catalog import selectors as catalog
from tenant_apps.members.access import member_required
from tenant_apps.orders import selectors as orders
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront import reviewing
from tenant_apps.storefront.access import current, member_of

_MAX_PAGE = 200
_PHOTO_SECONDS = 86_400


@require_safe
def of_product(request: HttpRequest, ulid: str) -> HttpResponse:
    """Every visible review of a product, the newest first; by stars, or those with photos."""
    product = catalog.product_page(ulid)
    chosen = request.GET.get("show", "")
    rows = selectors.shown(
        ulid, stars=int(chosen) if chosen in "12345" and chosen else 0, with_photos=chosen == "photos"
    )
    number = page_number(request)
    start = (number - 1) * selectors.PAGE_SIZE
    found = list(rows[start : start + selectors.PAGE_SIZE + 1])
    context = {
        "page_title": _("Reviews"),
        "back": f"/p/{ulid}",
        "product": product,
        "summary": selectors.summary(ulid),
        "rows": reviewing.shown(found[: selectors.PAGE_SIZE]),
        "chosen": chosen,
        "tabs": [("", _("All")), ("photos", _("With photos")), *((str(one), "★" * one) for one in range(5, 0, -1))],
        "page": number,
        "has_next": len(found) > selectors.PAGE_SIZE,
    }
    return render(request, "storefront/care/reviews.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, ulid: str, line_ulid: str) -> HttpResponse:
    """A buyer's word on one line of his order: written once, added to once, read ever after."""
    member = current(request)
    line = orders.line_of_member(member, line_ulid)
    if line.order.ulid != ulid:
        raise Http404
    found = selectors.reviews_of_lines([line.pk]).get(line.pk)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            if found is None:
                stars = request.POST.get("stars", "")
                services.write_review(
                    line_ulid=line_ulid,
                    member=member,
                    stars=int(stars) if stars.isdecimal() else 0,
                    text=request.POST.get("text", ""),
                    photos=photos_of(request),
                    anonymous=request.POST.get("anonymous") == "1",
                    now=now(),
                )
            else:
                services.follow_up(
                    review_ulid=found.ulid,
                    member=member,
                    text=request.POST.get("text", ""),
                    photos=photos_of(request),
                    now=now(),
                )
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Thank you. Others can read it now."))
            return redirect(f"/orders/{ulid}/review/{line_ulid}")
    context = {
        "page_title": _("Review these goods"),
        "back": f"/orders/{ulid}",
        "line": line,
        "review": reviewing.shown([found])[0] if found else None,
        "may_write": found is None and rules.may_review(line.order.received_at, now()),
        "may_follow": found is not None and found.follow_at is None and rules.may_follow_up(found.created_at, now()),
        "days": rules.REVIEW_DAYS,
        "max_photos": rules.MAX_REVIEW_PHOTOS,
        "max_text": rules.MAX_TEXT,
        "stars": range(5, 0, -1),
        "typed": request.POST,
        "error": error,
    }
    return render(request, "storefront/care/review.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the member has written, newest first."""
    rows = reviewing.shown(selectors.reviews_of_member(current(request))[:100])
    context = {"active_tab": "me", "page_title": _("My reviews"), "back": "/me", "rows": rows}
    return render(request, "storefront/care/my_reviews.html", context)


@require_safe
def photo(request: HttpRequest, ulid: str, name: str) -> HttpResponse:
    """A photo of a visible review; of a hidden one for its author and staff alone."""
    row = selectors.review(ulid)
    if row.hidden_at is not None:
        member = member_of(request)
        is_author = member is not None and row.member_id == member.pk
        if not is_author and not (request.user.is_authenticated and has_role(request.user, Role.ORDERS)):
            raise NotFound
    response = HttpResponse(services.read_photo(row, name), content_type="image/jpeg")
    response["Cache-Control"] = "no-store" if row.hidden_at else f"public, max-age={_PHOTO_SECONDS}"
    return response


@never_cache
@member_required
@require_safe
def shop(request: HttpRequest, ulid: str) -> HttpResponse:
    """Reviews of an own shop's goods, those to answer first to see."""
    row = member_of_shop(request, ulid, ShopRole.SERVICE)
    state = request.GET.get("state", "open")
    found = selectors.reviews(state=state, seller_ulid=row.ulid).filter(hidden_at=None)[:100]
    context = {
        "active_tab": "me",
        "page_title": _("Reviews of %(shop)s") % {"shop": row.name},
        "back": "/seller",
        "row": row,
        "rows": reviewing.shown(found),
        "state": state,
        "tabs": [("open", _("To answer")), ("low", _("1 or 2 stars")), ("all", _("All"))],
    }
    return render(request, "storefront/care/shop_reviews.html", context)


@member_required
@require_POST
def shop_reply(request: HttpRequest, ulid: str, review: str) -> HttpResponse:
    """The owner's answer to a review of his goods."""
    row = member_of_shop(request, ulid, ShopRole.SERVICE)
    try:
        services.reply_to_review(
            review_ulid=review,
            seller_ulid=row.ulid,
            actor=f"member:{current(request).ulid}",
            text=request.POST.get("reply", ""),
            now=now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Answered: everybody reads it below the review."))
    return redirect("care:shop_reviews", ulid)


def photos_of(request: HttpRequest) -> list[tuple[bytes, str]]:
    """The uploaded pictures with their declared types, one more than is allowed at most."""
    files = request.FILES.getlist("photos")[: rules.MAX_REVIEW_PHOTOS + 1]
    return [(file.read(), file.content_type or "") for file in files]


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for, 1 at least."""
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), _MAX_PAGE) if text.isdecimal() else 1
