"""A member's own pages: profile, addresses, export, closing the account."""

import json

from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.phones import shown_phone
from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput
from saas.kernel.money import format_yuan
from saas.ledger import selectors as ledger
from tenant_apps.care import selectors as care
from tenant_apps.care.own_data import own_data
from tenant_apps.counter.selectors import telling
from tenant_apps.members import divisions as china
from tenant_apps.members import selectors, services
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.members.rules import mask_email, mask_phone
from tenant_apps.members.services.addresses import AddressInput
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.advertising import selectors as ads
from tenant_apps.modes.coins import selectors as coin_lots
from tenant_apps.modes.partner_membership import selectors as partners
from tenant_apps.modes.regional import selectors as areas
from tenant_apps.modes.subsidy import overview
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState
from tenant_apps.sellers import people
from tenant_apps.sellers import selectors as sellers

_EXPORTED = 10_000  # rows of each kind in an export
_UNDER_WAY = (OrderState.PENDING_PAYMENT, OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED)
_ADDRESS_FIELDS = ("name", "phone", "province_code", "city_code", "district_code", "street_code", "detail")


@require_safe
@never_cache
@member_required
def me(request: HttpRequest) -> HttpResponse:
    """The start of everything that is one's own."""
    user = request.user
    contact = mask_phone(user.phone) if user.phone else mask_email(user.email)  # type: ignore[union-attr]
    member = request.member  # type: ignore[attr-defined]
    places = people.places_of(member)
    context = {
        "active_tab": "me",
        "member": member,
        "contact": contact,
        "unread_talks": care.unread_talks(member=member),
        "unread": care.unread_notices(member, others=telling.told(member)),
        "has_shop": bool(places),
        "owns_shop": any(places),
        "has_points": overview.concerns(member.ulid, now=now()),
        "has_referred": sellers.has_referred(member),
        **_offered(member),
    }
    return render(request, "storefront/people/me.html", context)


def _offered(member: Member) -> dict[str, bool]:
    """Which modes' pages are worth a line: the mall runs the mode, or the member still holds something of it."""
    in_force = modes.settings_in_force(now=now())
    pinned = modes.of_zone(in_force, modes.WHOLE_MALL)
    runs = {key for key, one in pinned.items() if getattr(one.values, "enabled", False)}
    return {
        "has_partners": "partner_membership" in runs or bool(partners.memberships_of(member.ulid)),
        "has_ads": "advertising" in runs or ads.member_views(member.ulid, limit=1) != [],
        "has_packs": "gift_pack" in runs,
        "has_coins": any(one.mode == "coins" and one.values.enabled for one in in_force.values())
        or coin_lots.available(member.ulid, now=now()) > 0,
        "has_areas": "regional" in runs or areas.contracts_of_member(member.ulid).exists(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def profile(request: HttpRequest) -> HttpResponse:
    """The name that others see masked, and ways to the sign-in pages."""
    member = request.member  # type: ignore[attr-defined]
    error = ""
    if request.method == "POST":
        try:
            services.update_profile(member=member, name=request.POST.get("name", ""))
        except InvalidInput as refused:
            error = refused.text
        else:
            messages.success(request, _("Saved."))
            return redirect("people:me")
    context = {"active_tab": "me", "member": member, "error": error}
    return render(request, "storefront/people/profile.html", context, status=422 if error else 200)


@require_safe
@never_cache
@member_required
def addresses(request: HttpRequest) -> HttpResponse:
    """The address book. `next` is where a checkout wants to go on."""
    member = request.member  # type: ignore[attr-defined]
    context = {"active_tab": "me", "addresses": selectors.addresses(member), "next": _next(request)}
    return render(request, "storefront/people/addresses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def address(request: HttpRequest, ulid: str = "") -> HttpResponse:
    """Write or change an address."""
    member = request.member  # type: ignore[attr-defined]
    known = selectors.address(member, ulid) if ulid else None
    values = {name: getattr(known, name, "") for name in (*_ADDRESS_FIELDS, "is_default")}
    values["phone"] = shown_phone(values["phone"])
    error = None
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name in _ADDRESS_FIELDS}
        given = AddressInput(**values, is_default="is_default" in request.POST)
        values["is_default"] = given.is_default
        try:
            if known is None:
                services.add_address(member=member, given=given, now=now())
            else:
                services.change_address(member=member, ulid=ulid, given=given)
        except InvalidInput as refused:
            error = refused
        else:
            return redirect(_next(request) or "people:addresses")
    elif known is None:
        values["name"] = member.name
        values["phone"] = shown_phone(member.user.phone or "")
    context = {
        "active_tab": "me",
        "values": values,
        "error": error,
        "known": known,
        "next": _next(request),
        "provinces": china.divisions(),
        "cities": china.divisions(values["province_code"]) if values["province_code"] else (),
        "districts": china.divisions(values["city_code"]) if values["city_code"] else (),
        "streets": china.streets(values["district_code"]) if values["district_code"] else (),
    }
    return render(request, "storefront/people/address.html", context, status=422 if error else 200)


@require_POST
@member_required
def remove_address(request: HttpRequest, ulid: str) -> HttpResponse:
    """Delete an address."""
    services.remove_address(member=request.member, ulid=ulid)  # type: ignore[attr-defined]
    messages.success(request, _("Address removed."))
    return redirect("people:addresses")


@require_safe
def divisions(request: HttpRequest) -> HttpResponse:
    """The <option>s below a province, a city or a district, for the selects of an address form (htmx)."""
    parent = request.GET.get("province_code") or request.GET.get("city_code") or ""
    district = request.GET.get("district_code", "")
    options = china.streets(district) if district else china.divisions(parent) if parent else ()
    context = {"options": options, "chosen": ""}
    response = render(request, "storefront/people/options.html", context)
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_POST
@never_cache
@member_required
def export(request: HttpRequest) -> HttpResponse:
    """One's own data as a file."""
    member = request.member  # type: ignore[attr-defined]
    data = services.export_data(member=member, now=now())
    data["orders"] = [_order_row(one) for one in orders.orders_of_member(member, page_size=_EXPORTED).orders]
    lines = ledger.statement(f"member.wallet.{member.ulid}", limit=_EXPORTED)
    data["wallet"] = [
        {"at": line.occurred_at.isoformat(), "kind": line.kind, "amount": format_yuan(line.amount)} for line in lines
    ]
    data |= own_data(member)
    body = json.dumps(data, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return HttpResponse(body, content_type="application/json; charset=utf-8", headers=headers)


def _order_row(order: Order) -> dict[str, object]:
    address = f"{order.province}{order.city}{order.district}{order.address_detail}"
    return {
        "number": order.number,
        "state": order.state,
        "total": format_yuan(order.total_amount),
        "recipient": f"{order.recipient_name} {order.recipient_phone} {address}",
        "lines": [f"{line.title} × {line.qty}" for line in order.lines.all()],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def close(request: HttpRequest) -> HttpResponse:
    """Close the account: what that means, and the button. Orders under way are finished first."""
    member = request.member  # type: ignore[attr-defined]
    counts = orders.state_counts(member)
    busy = sum(counts.get(state, 0) for state in _UNDER_WAY)
    if request.method == "POST" and "sure" in request.POST and not busy:
        with transaction.atomic():
            services.close_account(member=member, now=now())
            logout(request)
        messages.success(request, _("Your account has been closed."))
        return redirect("/")
    wallet = ledger.balance(f"member.wallet.{member.ulid}")
    context = {"active_tab": "me", "busy": busy, "wallet": format_yuan(wallet) if wallet else ""}
    return render(request, "storefront/people/close.html", context, status=409 if request.method == "POST" else 200)


def _next(request: HttpRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}) else ""
