"""A shopper's after-sales case: ask, follow it step by step, send the goods back, call the mall."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput
from saas.kernel.money import parse_yuan
from tenant_apps.design import selectors as design
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.orders import selectors, services
from tenant_apps.orders.aftersales import MAX_PHOTOS, Service, Stage, may_withdraw
from tenant_apps.orders.models import Refund
from tenant_apps.orders.rules import WITH_GOODS_SENT, RefundWish
from tenant_apps.storefront.access import current
from tenant_apps.storefront.views_cart import whole_number


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, ulid: str) -> HttpResponse:
    """Ask for money back, a return or an exchange: for everything that is left, or for pieces or a part of one line."""
    member = current(request)
    found = selectors.order_of_member(member, ulid)
    if request.method == "POST":
        case = services.open_case(
            order_ulid=ulid,
            service=request.POST.get("service") or Service.REFUND_ONLY,
            reason=request.POST.get("reason", ""),
            wishes=_wishes(request),
            photos=[
                (file.read(), file.content_type or "") for file in request.FILES.getlist("photos")[: MAX_PHOTOS + 1]
            ],
            member=member,
            now=now(),
        )
        messages.success(request, _("Your request is on its way. You can see its progress here."))
        return HttpResponseRedirect(f"/orders/{ulid}/cases/{case.ulid}")
    context = {
        "page_title": _("After-sales"),
        "back": f"/orders/{ulid}",
        "order": found,
        "membership_amount": services.membership_value(found, now()),
        "may_return": found.state in WITH_GOODS_SENT,
        "max_photos": MAX_PHOTOS,
    }
    return render(request, "storefront/refund.html", context)


@never_cache
@member_required
@require_safe
def case(request: HttpRequest, ulid: str, refund_ulid: str) -> HttpResponse:
    """One case: whose turn it is until when, what has happened, what the shopper may do."""
    row = _own(current(request), ulid, refund_ulid)
    brand = design.branding()
    context = {
        "page_title": _("After-sales"),
        "back": f"/orders/{ulid}",
        "order": row.order,
        "case": row,
        "parts": selectors.refund_parts(row),
        "trail": selectors.trail(row),
        "may_withdraw": may_withdraw(Stage(row.stage), sent_back=bool(row.return_number)),
        "brand_facts": brand,
    }
    return render(request, "storefront/case.html", context)


@member_required
@require_POST
def step(request: HttpRequest, ulid: str, refund_ulid: str) -> HttpResponse:
    """What the shopper does next: send back, call the mall, confirm the replacement."""
    member = current(request)
    _own(member, ulid, refund_ulid)
    wanted, at = request.POST.get("step", ""), now()
    if wanted == "send_back":
        services.send_back(
            refund_ulid=refund_ulid,
            member=member,
            carrier=request.POST.get("carrier", ""),
            number=request.POST.get("number", ""),
            now=at,
        )
        messages.success(request, _("Thank you. The seller checks the goods when they arrive."))
    elif wanted == "appeal":
        services.appeal(refund_ulid=refund_ulid, member=member, note=request.POST.get("note", ""), now=at)
        messages.success(request, _("The mall will decide. Its decision stands here."))
    elif wanted == "confirm":
        services.confirm_replacement(refund_ulid=refund_ulid, member=member, now=at)
        messages.success(request, _("Thank you. Enjoy it!"))
    elif wanted == "withdraw":
        services.withdraw_refund(refund_ulid=refund_ulid, member=member, now=at)
        messages.success(request, _("The request has been withdrawn."))
    else:
        raise Http404
    return HttpResponseRedirect(f"/orders/{ulid}/cases/{refund_ulid}")


@never_cache
@member_required
@require_safe
def photo(request: HttpRequest, ulid: str, refund_ulid: str, name: str) -> HttpResponse:
    """A photo of the shopper's own case."""
    row = _own(current(request), ulid, refund_ulid)
    return HttpResponse(services.read_photo(row.evidence, name), content_type="image/jpeg")


def _own(member: Member, ulid: str, refund_ulid: str) -> Refund:
    row = selectors.refund(refund_ulid)
    if row.order.ulid != ulid or row.order.member_id != member.pk or not row.stage:
        raise Http404
    return row


def _wishes(request: HttpRequest) -> list[RefundWish] | None:
    """None: the whole rest of the order."""
    line = request.POST.get("line", "")
    if line == "all":
        return None
    if not line:
        raise InvalidInput(_("Please choose what to refund."), field="line")
    amount = request.POST.get(f"amount-{line}", "").strip()
    try:
        value = parse_yuan(amount) if amount else None
    except ValueError:
        raise InvalidInput(_("Amounts are like 12.50."), field="amount") from None
    if value is not None and request.POST.get("service", Service.REFUND_ONLY) == Service.REFUND_ONLY:
        return [RefundWish(line[:26], 0, value)]  # a part of the price; the goods stay
    return [RefundWish(line[:26], whole_number(request.POST.get(f"quantity-{line}", "1")), value)]
