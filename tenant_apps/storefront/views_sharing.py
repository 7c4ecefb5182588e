"""Sharing: who referred me, whom I referred, who earns from it and how to object; the poster."""

import hashlib

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.kernel.money import format_percent, format_yuan
from tenant_apps.catalog import selectors as catalog
from tenant_apps.design import selectors as design
from tenant_apps.members import middleware, selectors, services
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.members.rules import MAX_DEPTH, mask_name
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.storefront import posters

PAGE_SIZE = 20


@require_safe
@never_cache
@member_required
def team(request: HttpRequest) -> HttpResponse:
    """My referrer, my referees by level, and what all that means for money."""
    member: Member = request.member  # type: ignore[attr-defined]
    settings = _distribution()
    depth = min(len(_rates(settings)) or 1, MAX_DEPTH)
    level = min(max(_number(request.GET.get("level", "1")), 1), depth)
    page = max(_number(request.GET.get("page", "1")), 1)
    counts = selectors.team_counts(member.pk, depth)
    moment = now()
    pending = selectors.member_by_share_code(middleware.pending_referral(request))
    if pending and (pending.pk >= member.pk or pending.pk in (member.referrer_id, member.candidate_id)):
        pending = None
    rule = services.binding_rule(now=moment) if pending else None
    if pending and rule and not selectors.may_be_bound(member, rule, moment):
        pending = None
    context = {
        "active_tab": "me",
        "member": member,
        "referrer": mask_name(str(member.referrer)) if member.referrer else "",
        "pending": mask_name(str(pending)) if pending else "",
        "stays": bool(rule and not rule.days),
        "candidate": mask_name(str(member.candidate)) if member.candidate else "",
        "counts": counts,
        "level": level,
        "rows": selectors.team(member.pk, level=level, page=page, page_size=PAGE_SIZE),
        "page": page,
        "has_next": counts.get(level, 0) > page * PAGE_SIZE,
        "rates": _rates(settings),
        "brand_facts": design.branding(),
    }
    return render(request, "storefront/people/team.html", context)


@require_POST
@member_required
def confirm_referrer(request: HttpRequest) -> HttpResponse:
    """Say yes to the person whose link this browser came by."""
    code = middleware.pending_referral(request)
    try:
        services.bind_referrer(member=request.member, referral_code=code, now=now())  # type: ignore[attr-defined]
    except DomainError as error:
        messages.error(request, error.text)
    else:
        middleware.take_referral(request)
        later = request.member.candidate_id is not None  # type: ignore[attr-defined]
        messages.success(
            request, _("Noted: the bond is made with your next order.") if later else _("Your referrer is set.")
        )
    return redirect("people:team")


@require_POST
@member_required
def object_to_referrer(request: HttpRequest) -> HttpResponse:
    """Tell the mall that this referrer is not the right one."""
    member: Member = request.member  # type: ignore[attr-defined]
    try:
        services.object_to_referrer(member=member, reason=request.POST.get("reason", ""), now=now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Your objection is recorded. The mall's staff will look at it."))
    return redirect("people:team")


@require_POST
@member_required
def promote(request: HttpRequest) -> HttpResponse:
    """Ask for the right to earn: free, and approved at once unless the mall designates its promoters."""
    settings = _distribution()
    at_once = settings is not None and settings.who_promotes != "designated"
    state = services.apply_to_promote(member=request.member, approve_at_once=at_once, now=now())  # type: ignore[attr-defined]
    done = state == "approved"
    messages.success(request, _("You can earn from now on.") if done else _("Your request has been received."))
    return redirect("people:team")


@require_safe
@never_cache
@member_required
def poster(request: HttpRequest) -> HttpResponse:
    """The poster to save and send, and the link to copy. `product` puts a product on it."""
    member: Member = request.member  # type: ignore[attr-defined]
    product = request.GET.get("product", "")[:26]
    context = {
        "active_tab": "me",
        "member": member,
        "link": _share_link(request, member, product),
        "product": product,
    }
    return render(request, "storefront/people/poster.html", context)


@require_safe
@member_required
def poster_image(request: HttpRequest) -> HttpResponse:
    """The poster as a PNG: drawn once for each content, then served from the cache."""
    member: Member = request.member  # type: ignore[attr-defined]
    brand = design.branding()
    product = request.GET.get("product", "")[:26]
    shown = catalog.product_page(product) if product else None
    price = format_yuan(min(sku.price_amount for sku in shown.skus)) if shown and shown.skus else ""
    content = posters.Poster(
        mall=brand.name,
        tagline=brand.tagline,
        logo_key=brand.logo.removeprefix(django_settings.MEDIA_URL),
        color=brand.primary_color,
        title=shown.title if shown else "",
        price=f"¥{price}" if price else "",
        picture_key=shown.images[0] if shown and shown.images else _best_picture(),
        invitation=_("%(name)s invites you") % {"name": member.name} if member.name else _("You are invited"),
        hint=_("Scan to enter"),
        link=_share_link(request, member, product),
    )
    etag = f'"{hashlib.sha256(repr(content).encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    headers = {"ETag": etag, "Cache-Control": "private, max-age=600"}
    return HttpResponse(posters.image(content), content_type="image/png", headers=headers)


def _share_link(request: HttpRequest, member: Member, product: str) -> str:
    path = f"/p/{product}" if product else "/"
    return request.build_absolute_uri(f"{path}?r={member.share_code}")


def _best_picture() -> str:
    """A poster of the mall itself shows what sells best."""
    return next((card.image_key for card in catalog.list_cards(page_size=5).cards if card.image_key), "")


def _distribution() -> DistributionSettings | None:
    pinned = modes.current_settings(mode="distribution", now=now())
    return pinned.values if pinned and pinned.values.enabled else None  # type: ignore[attr-defined]


def _rates(settings: DistributionSettings | None) -> list[str]:
    if settings is None:
        return []
    if settings.fixed_fen:
        return [f"¥{format_yuan(fen)}" for fen in settings.fixed_fen]
    return [format_percent(rate) for rate in settings.rate_ppm]


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 6 else 1
