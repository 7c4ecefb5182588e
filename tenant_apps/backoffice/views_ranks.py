"""Ranks of a member by hand, memberships, zones of a product, gift packs: what staff grant and offer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput
from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.backoffice import people
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog import services as goods
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.rules import GIFT_PACK, MAX_TIERS, OfferFact, PriceTerms, ProductKind, ProductStatus
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.members.rules import LEVEL_PARTNER, Ground
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.gift_pack import selectors as packs
from tenant_apps.modes.gift_pack import services as pack_services
from tenant_apps.modes.gift_pack.models import GiftPack
from tenant_apps.modes.partner_membership import selectors as partners
from tenant_apps.modes.partner_membership import services as partner_services


@needs(Role.FINANCE)
@require_POST
def grant_rank(request: HttpRequest, ulid: str) -> HttpResponse:
    """Give a rank by hand, with the reason."""
    rank = _number(request.POST.get("rank", ""))
    return act(
        request,
        lambda: members.grant_rank(
            member_ulid=ulid,
            rank=rank,
            ground=Ground.STAFF,
            reason=request.POST.get("reason", ""),
            actor=actor_of(request),
            now=now(),
        ),
        done=_("The rank has been granted. Orders already paid keep the ranks they were sold under."),
        back=reverse("backoffice:member", args=[ulid]),
    )


@needs(Role.FINANCE)
@require_POST
def withdraw_rank(request: HttpRequest, ulid: str, grant_ulid: str) -> HttpResponse:
    """Take one grant back, with the reason."""
    return act(
        request,
        lambda: members.withdraw_rank(
            grant_ulid=grant_ulid, reason=request.POST.get("reason", ""), actor=actor_of(request), now=now()
        ),
        done=_("The rank has been withdrawn. Orders already paid keep the ranks they were sold under."),
        back=reverse("backoffice:member", args=[ulid]),
    )


@needs(Role.FINANCE)
@require_safe
def partner_list(request: HttpRequest) -> HttpResponse:
    """Memberships that run, or all of them; figures; whether the membership is on sale."""
    state, moment = request.GET.get("state", ""), now()
    page = page_of(request, partners.memberships(live_at=None if state == "all" else moment))
    named = {row.ulid: row for row in Member.objects.filter(ulid__in=[row.member_ulid for row in page])}
    pinned = modes.current_settings(mode="partner_membership", now=moment)
    return show(
        request,
        "partners",
        _("Partners"),
        page=page,
        rows=[(row, named.get(row.member_ulid)) for row in page],
        figures=partners.figures(now=moment, since=moment - dt.timedelta(days=30)),
        settings=pinned.values if pinned else None,
        sku=partners.membership_sku(),
        tabs=[("", _("Running")), ("all", _("All"))],
        state=state,
        moment=moment,
    )


@needs(Role.FINANCE)
@require_POST
def offer_membership(request: HttpRequest) -> HttpResponse:
    """Put the membership on sale, or take it off."""

    def change() -> None:
        sku = partners.membership_sku()
        if request.POST.get("step") == "off":
            if sku is not None:
                goods.take_off_shelf(ulid=sku.product.ulid, actor=actor_of(request), now=now())
            return
        pinned = modes.current_settings(mode="partner_membership", now=now())
        if pinned is None or not pinned.values.enabled:
            raise InvalidInput(_("Publish the settings of the partner membership first."), field="step")
        partner_services.offer_membership(settings=pinned.values, actor=actor_of(request), now=now())

    return act(request, change, done=_("Done."), back=reverse("backoffice:partners"))


@needs(Role.GOODS)
@require_POST
def product_zone(request: HttpRequest, ulid: str) -> HttpResponse:
    """A SKU's price in a zone, or out of it."""

    def change() -> None:
        sku = Sku.objects.filter(ulid=request.POST.get("sku", ""), product__ulid=ulid).first()
        zone = request.POST.get("zone", "")
        if sku is None:
            raise InvalidInput(_("Choose a SKU."), field="sku")
        if request.POST.get("step") == "remove":
            if zone == GIFT_PACK:
                pack_services.retire_pack(sku_ulid=sku.ulid, actor=actor_of(request), now=now())
            else:
                goods.remove_offer(sku_ulid=sku.ulid, zone=zone, actor=actor_of(request))
            return
        if zone == GIFT_PACK:
            raise InvalidInput(_("A gift pack is offered on the page “Gift packs”, with its contents."), field="zone")
        goods.set_offer_price(
            sku_ulid=sku.ulid,
            zone=zone,
            price_amount=_yuan(request.POST.get("price", "")),
            terms=_price_terms(request),
            actor=actor_of(request),
        )

    back = reverse("backoffice:product", args=[ulid]) + "#zones"
    return act(request, change, done=_("Saved."), back=back)


def _price_terms(request: HttpRequest) -> PriceTerms:
    """A partner's price and the prices by quantity as the form has them."""
    partner = request.POST.get("partner_price", "").strip()
    tiers = []
    for line in request.POST.get("tiers", "").splitlines()[: MAX_TIERS + 1]:
        if line.strip():
            pieces, _blank, price = line.strip().partition(" ")
            if not pieces.isdecimal() or len(pieces) > 7:
                raise InvalidInput(
                    _("A price by quantity is a line such as “10 90.00”: pieces and price."), field="tiers"
                )
            tiers.append((int(pieces), _yuan(price.strip())))
    return PriceTerms(((LEVEL_PARTNER, _yuan(partner)),) if partner else (), tuple(tiers))


@needs(Role.GOODS)
@require_http_methods(["GET", "POST"])
def pack_list(request: HttpRequest) -> HttpResponse:
    """Gift packs on sale; offering one, changing or retiring it."""
    if request.method == "POST":
        return act(request, lambda: _save(request), done=_("Saved."), back=reverse("backoffice:packs"))
    rows = list(packs.packs())
    offers = catalog.offers(f"{row.sku_ulid}@{GIFT_PACK}" for row in rows)
    skus = Sku.objects.filter(is_active=True, product__status=ProductStatus.ON_SHELF, product__kind=ProductKind.GOODS)
    chosen = next((row for row in rows if row.sku_ulid == request.GET.get("sku")), None)
    names = people.names({row.created_by for row in rows})
    return show(
        request,
        "packs",
        _("Gift packs"),
        rows=[
            (
                row,
                offers.get(f"{row.sku_ulid}@{GIFT_PACK}"),
                packs.grants_text(row),
                names.get(row.created_by, row.created_by),
            )
            for row in rows
        ],
        skus=skus.select_related("product").order_by("-pk")[:500],
        chosen=chosen,
        **_typed(chosen, offers),
        grades=[("district", _("district")), ("city", _("city")), ("province", _("province"))],
        least=pack_services.settings_in_force(now()).goods_value_min_ppm,
    )


def _typed(chosen: GiftPack | None, offers: Mapping[str, OfferFact]) -> dict[str, Any]:
    """A pack as the form shows it."""
    offer = offers.get(f"{chosen.sku_ulid}@{GIFT_PACK}") if chosen else None
    contents = chosen.contents if chosen else []
    return {
        "price": format_yuan(offer.price_amount) if offer else "",
        "contents": "\n".join(f"{one['title']}, {format_yuan(one['list_amount'])}, {one['qty']}" for one in contents),
    }


def _save(request: HttpRequest) -> None:
    asked = request.POST
    if asked.get("step") == "retire":
        pack_services.retire_pack(sku_ulid=asked.get("sku", ""), actor=actor_of(request), now=now())
        return
    granted = asked.get("grants", "")
    is_rank = granted.isdigit()
    draft = pack_services.PackDraft(
        sku_ulid=asked.get("sku", ""),
        price_amount=_yuan(asked.get("price", "")),
        contents=pack_services.read_contents(asked.get("contents", ""), parse_yuan),
        person_limit=_number(asked.get("person_limit", "1")),
        rank=int(granted) if is_rank else 0,
        agency_grade="" if is_rank else granted,
        agency_months=0 if is_rank else _number(asked.get("months", "12")),
    )
    pack_services.save_pack(draft=draft, actor=actor_of(request), now=now())


def _yuan(text: str) -> int:
    try:
        return parse_yuan(text)
    except ValueError:
        raise InvalidInput(_("Enter an amount like 99.00."), field="price") from None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0
