"""What a gift pack asks for besides money (MODES 6): a limit a person, and the area of an agency that it grants.

Looked at when an order is placed, under the member's lock.
"""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count, F, Sum
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError, InvalidInput
from tenant_apps.catalog.rules import GIFT_PACK, STORE_CARDS
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.gift_pack import selectors as packs
from tenant_apps.modes.gift_pack.models import GiftPack
from tenant_apps.modes.gift_pack.services import area_grade
from tenant_apps.modes.regional import services as regional
from tenant_apps.orders.models import OrderLine
from tenant_apps.orders.rules import OrderState, WantedLine
from tenant_apps.orders.services.checkout import CheckoutQuote, SkuNotSellable
from tenant_apps.orders.services.quoted import QuotedLine

_NOT_COMPLETED = (OrderState.PENDING_PAYMENT, OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED)


class PackLimit(DomainError):
    """More of a gift pack than one person may have."""

    code = "pack_limit"
    message = _("“{title}” is limited to {limit} a person; you have {bought} already.")  # type: ignore[assignment]


class ZoneLimit(DomainError):
    """More of a SKU of a zone than one person may have."""

    code = "zone_limit"
    message = _("“{title}” is limited to {limit} a person in this zone; you have {bought} already.")  # type: ignore[assignment]


class AgencyAreaMissing(InvalidInput):
    """The pack grants an agency, and the buyer has not said where."""

    code = "agency_area_missing"
    message = _("“{title}” grants an agency: choose its area.")


class TermsNotAccepted(InvalidInput):
    """A card is sold on its own page, where its written terms are accepted (MODES 14 #12)."""

    code = "terms_not_accepted"
    message = _("“{title}” is bought on its own page, after its terms have been accepted.")


def check_packs(member: Member, quote: CheckoutQuote, lines: Sequence[WantedLine], now: dt.datetime) -> dict[str, str]:
    """Offer key → code of the agency's area, for the packs that grant one. Orders without packs cost no statement.

    Raises PackLimit, SkuNotSellable for a SKU of the zone that is no pack, AgencyAreaMissing, and what
    regional.check_agency raises.
    """
    wanted = [line for line in quote.lines if line.offer.zone == GIFT_PACK]
    if not wanted:
        return {}
    members.lock_member(member_ulid=member.ulid)
    known = packs.packs_in_force([line.offer.sku_ulid for line in wanted], at=now)
    asked = {line.sku_ulid: line.agency_code for line in lines}
    agencies: dict[str, str] = {}
    for line in wanted:
        pack = known.get(line.offer.sku_ulid)
        if pack is None:
            raise SkuNotSellable(title=line.offer.title, sku_ulid=line.offer.key)
        bought = packs_bought(member, line.offer.sku_ulid)
        if bought + line.qty > pack.person_limit:
            raise PackLimit(title=line.offer.title, limit=pack.person_limit, bought=bought)
        if pack.agency_grade:
            agencies[line.offer.key] = _check_agency(member, pack, line, asked.get(line.offer.key, ""), now)
    return agencies


def accepted_terms(quote: CheckoutQuote, lines: Sequence[WantedLine]) -> dict[str, str]:
    """Offer key → ULID of the terms accepted, for the cards of stores; their page hands it in. Raises TermsNotAccepted."""
    accepted = {line.sku_ulid: line.terms_ulid for line in lines if line.terms_ulid}
    for line in quote.lines:
        if line.offer.kind in STORE_CARDS and line.offer.key not in accepted:
            raise TermsNotAccepted(title=line.offer.title)
    return accepted


def check_zones(member: Member, quote: CheckoutQuote) -> None:
    """Raise ZoneLimit where a zone's limit a person would be passed; only lines of such zones cost statements."""
    wanted = [line for line in quote.lines if line.offer.zone_terms.person_limit]
    if not wanted:
        return
    members.lock_member(member_ulid=member.ulid)
    for line in wanted:
        limit = line.offer.zone_terms.person_limit
        bought = pieces_bought(member, line.offer.sku_ulid, line.offer.zone)
        if bought + line.qty > limit:
            raise ZoneLimit(title=line.offer.title, limit=limit, bought=bought, sku_ulid=line.offer.key)


def packs_bought(member: Member, sku_ulid: str) -> int:
    """Pieces of a pack that a member has bought, or holds in an order to be paid; refunded ones do not count."""
    return pieces_bought(member, sku_ulid, GIFT_PACK)


def pieces_bought(member: Member, sku_ulid: str, zone: str) -> int:
    """Pieces of a SKU of a zone that a member has bought or holds in an order to be paid; refunded ones do not count."""
    rows = OrderLine.objects.filter(order__member=member, zone=zone, sku_ulid=sku_ulid)
    kept = rows.exclude(order__state__in=[OrderState.CANCELLED, OrderState.REFUNDED])
    return kept.aggregate(pieces=Sum(F("qty") - F("refunded_qty")))["pieces"] or 0


def agencies_waiting(code: str) -> tuple[int, int]:
    """Packs bought for an agency of an area whose orders are not completed yet, and their price (fen)."""
    rows = OrderLine.objects.filter(agency_code=code, order__state__in=_NOT_COMPLETED)
    sums = rows.filter(refunded_cash_amount__lt=F("cash_amount")).aggregate(
        packs=Count("pk"), paid=Sum(F("cash_amount") - F("refunded_cash_amount"), default=0)
    )
    return sums["packs"], sums["paid"]


def _check_agency(member: Member, pack: GiftPack, line: QuotedLine, code: str, now: dt.datetime) -> str:
    if not code:
        raise AgencyAreaMissing(field="agency", title=line.offer.title)
    regional.lock_agency(code=code)
    waiting, amount = agencies_waiting(code)
    regional.check_agency(
        member=member,
        grade=area_grade(Grade(pack.agency_grade), code),
        code=code,
        invested_amount=line.amounts.cash_amount,
        waiting=waiting,
        waiting_amount=amount,
        now=now,
    )
    return code
