"""Reads of sellers: their terms at this moment, turnover, lists, statements."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from saas.kernel.clock import china_date
from saas.kernel.errors import NotFound
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.rules import MallState
from tenant_apps.catalog.models import Offer
from tenant_apps.catalog.rules import SELF_OPERATED, ProductStatus
from tenant_apps.members.models import Member
from tenant_apps.sellers.models import Deduction, EdiLicence, Seller, SellerDay, Statement, StatementLine
from tenant_apps.sellers.rules import (
    ENDED,
    ROLLING_DAYS,
    Asked,
    DeductionState,
    SellerKind,
    SellerState,
    is_rewarded,
    take_rate,
    tiers_from_json,
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A seller's terms as they are now; `sells` is whether his goods may be sold in this mall today.

    `rate_ppm` is the take at the turnover of the last 90 days. `owner` and `referrer` are members' ULIDs.
    """

    ulid: str
    name: str
    settlement: str
    rate_ppm: int
    owner: str
    store: str
    referrer: str
    sells: bool
    vouchers: bool = False  # he has signed the terms of the subsidy's vouchers
    wants_ppm: int = 0  # commission that he adds for whoever brought the buyer
    wants_coins: int = 0  # coins a yuan that he adds
    least_fee: int = 0  # fen: the smallest take of a line
    bears_payment_fee: bool = False  # what the payment channel charges


@dataclass(frozen=True, kw_only=True)
class Turnover:
    """A shop's own finalised sales of a span of days, refunds taken off, and the take it paid on them."""

    turnover: int = 0
    fee: int = 0


_TERMS = """
SELECT s.ulid, s.name, s.kind, s.state, s.settlement, s.rate_ppm, s.take_tiers, o.ulid, r.ulid, s.referrer_since,
       s.min_fee_amount, s.bears_payment_fee, s.licence_until, s.voucher_terms_at IS NOT NULL, coalesce((s.own_terms->-1->>'promotion_ppm')::int, 0),
       coalesce((s.own_terms->-1->>'coins')::int, 0),
       CASE WHEN s.take_tiers = '[]'::jsonb THEN 0 ELSE (SELECT coalesce(sum(d.turnover_amount), 0) FROM sellers_sellerday d
         WHERE d.seller_ulid = s.ulid AND d.day > %(since)s) END,
       (SELECT e.number <> '' AND (e.valid_until IS NULL OR e.valid_until >= %(today)s)
          FROM sellers_edilicence e ORDER BY e.id DESC LIMIT 1)
  FROM sellers_seller s LEFT JOIN members_member o ON o.id = s.owner_id
  LEFT JOIN members_member r ON r.id = s.referrer_id AND r.closed_at IS NULL
 WHERE s.ulid = ANY(%(ulids)s)"""


def terms(ulids: Iterable[str], *, now: dt.datetime) -> dict[str, Terms]:
    """Terms of these sellers by ULID (one statement, none without sellers); unknown ones are absent."""
    wanted = sorted({ulid for ulid in ulids if ulid})
    if not wanted:
        return {}
    today = china_date(now)
    live = active_mall().state == MallState.ACTIVE
    values: dict[str, Any] = {"ulids": wanted, "today": today, "since": today - dt.timedelta(days=ROLLING_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, values)
        rows = cursor.fetchall()
    found: dict[str, Terms] = {}
    for (
        ulid,
        name,
        kind,
        state,
        settlement,
        rate,
        tiers,
        owner,
        referrer,
        since,
        least_fee,
        bears_payment_fee,
        licence_until,
        vouchers,
        wants_ppm,
        wants_coins,
        turnover,
        edi,
    ) in rows:
        licensed = licence_until is None or licence_until >= today
        found[ulid] = Terms(
            ulid=ulid,
            name=name,
            settlement=settlement,
            rate_ppm=take_rate(rate, tiers_from_json(json.loads(tiers) if isinstance(tiers, str) else tiers), turnover),
            owner=owner or "",
            store=ulid if kind == SellerKind.STORE else "",
            referrer=(referrer or "") if is_rewarded(since, now) else "",
            sells=state == SellerState.ACTIVE and licensed and (bool(edi) or not live),
            vouchers=vouchers,
            wants_ppm=wants_ppm,
            wants_coins=wants_coins,
            least_fee=least_fee,
            bears_payment_fee=bears_payment_fee,
        )
    return found


def lowest_terms(ulids: Iterable[str] | None = None) -> dict[str, Terms]:
    """Terms of these sellers, or of all that are not closed, at the lowest take their tiers allow (one statement):
    what the worst case of settings is computed on. A smallest fee is left out: of a dearer line it is a smaller part.
    """
    rows = Seller.objects.select_related("owner")
    rows = rows.exclude(state__in=sorted(ENDED)) if ulids is None else rows.filter(ulid__in=list(ulids))
    return {
        row.ulid: Terms(
            ulid=row.ulid,
            name=row.name,
            settlement=row.settlement,
            rate_ppm=min([row.rate_ppm, *(tier.rate_ppm for tier in tiers_from_json(row.take_tiers))]),
            owner=row.owner.ulid if row.owner else "",
            store=row.ulid if row.is_store else "",
            referrer="",
            sells=row.state == SellerState.ACTIVE,
            wants_ppm=row.own_terms[-1]["promotion_ppm"] if row.own_terms else 0,
            wants_coins=row.own_terms[-1]["coins"] if row.own_terms else 0,
        )
        for row in rows
    }


def seller(ulid: str) -> Seller:
    """One seller with owner and referrer. Raises NotFound."""
    row = Seller.objects.select_related("owner__user", "referrer").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def sellers(*, kind: str = "", state: str = "", query: str = "") -> QuerySet[Seller]:
    """Sellers, newest first."""
    rows = Seller.objects.select_related("owner__user").order_by("-pk")
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    return rows.filter(name__icontains=query) if query else rows


def choices(*, kind: str = "") -> list[tuple[str, str]]:
    """(ULID, name) of every seller that is not closed, by name."""
    rows = Seller.objects.exclude(state__in=sorted(ENDED))
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.order_by("name", "pk").values_list("ulid", "name"))


def names(ulids: Iterable[str]) -> dict[str, str]:
    """What these sellers are called (one statement)."""
    wanted = {ulid for ulid in ulids if ulid}
    return dict(Seller.objects.filter(ulid__in=wanted).values_list("ulid", "name")) if wanted else {}


def store_by_code(code: str) -> Seller | None:
    """The open store of this code, or None."""
    code = code.strip().lower()
    if not (4 <= len(code) <= 12 and code.isascii() and code.isalnum()):
        return None
    return Seller.objects.filter(code=code, kind=SellerKind.STORE, state=SellerState.ACTIVE).first()


def seller_by_code(code: str) -> Seller | None:
    """The open seller of this code, store or merchant, or None."""
    code = code.strip().lower()
    if not (4 <= len(code) <= 12 and code.isascii() and code.isalnum()):
        return None
    return Seller.objects.filter(code=code, state=SellerState.ACTIVE).first()


def shops_on_sale(*, now: dt.datetime, query: str = "") -> QuerySet[Seller]:
    """Sellers whose goods may be bought today, by name; none in a live mall that may not host sellers (MODES 14 #21)."""
    if not may_host_sellers(now=now):
        return Seller.objects.none()
    rows = Seller.objects.filter(
        Q(licence_until=None) | Q(licence_until__gte=china_date(now)), state=SellerState.ACTIVE
    ).order_by("name", "pk")
    return rows.filter(name__icontains=query) if query else rows


def shop_by_code(code: str) -> Seller:
    """The seller of this code for shoppers, a paused one too. Raises NotFound, for one who has ended too."""
    row = Seller.objects.exclude(state__in=sorted(ENDED)).filter(code=code.strip().lower()).first()
    if row is None:
        raise NotFound
    return row


def codes(ulids: Iterable[str]) -> dict[str, str]:
    """Codes of the shop pages of these sellers, without those who have ended (one statement)."""
    wanted = {ulid for ulid in ulids if ulid}
    rows = Seller.objects.exclude(state__in=sorted(ENDED)).filter(ulid__in=wanted)
    return dict(rows.values_list("ulid", "code")) if wanted else {}


def sellers_of(member: Member) -> list[Seller]:
    """The sellers that a member owns."""
    return list(Seller.objects.filter(owner=member).order_by("pk"))


def has_referred(member: Member) -> bool:
    """Whether a member brought sellers in: what they earn him stands on the page of shops."""
    return Seller.objects.filter(referrer=member).exists()


def owned_by(member_ulid: str) -> list[str]:
    """ULIDs of the sellers that a member owns (one statement)."""
    return list(Seller.objects.filter(owner__ulid=member_ulid).order_by("pk").values_list("ulid", flat=True))


def owned_query(member_ulid: str) -> QuerySet[Seller, str]:
    """As `owned_by`, to stand inside another statement."""
    return Seller.objects.filter(owner__ulid=member_ulid).values_list("ulid", flat=True)


def shops(ulids: Iterable[str]) -> list[Seller]:
    """These sellers with the people behind them."""
    return list(Seller.objects.select_related("owner", "referrer").filter(ulid__in=list(ulids)).order_by("pk"))


def edi_licence() -> EdiLicence | None:
    """The mall's EDI licence as last filed, or None."""
    return EdiLicence.objects.order_by("-pk").first()


def may_host_sellers(*, now: dt.datetime) -> bool:
    """Whether third-party sellers may sell here: in a live mall only with a valid EDI licence on file (MODES 14 #21)."""
    if not is_live():
        return True
    filed = edi_licence()
    return bool(filed and filed.number and (filed.valid_until is None or filed.valid_until >= china_date(now)))


def is_live() -> bool:
    """Whether the active mall is live (not rehearsing), as the registry says now."""
    return malls.mall_by_ulid(active_mall().ulid).state != MallState.REHEARSAL


def turnover_of(seller_ulid: str, *, first: dt.date, after: dt.date) -> Turnover:
    """Turnover and take of the days from `first` up to, not including, `after`."""
    sums = SellerDay.objects.filter(seller_ulid=seller_ulid, day__gte=first, day__lt=after).aggregate(
        turnover=Sum("turnover_amount", default=0), fee=Sum("fee_amount", default=0)
    )
    return Turnover(turnover=sums["turnover"], fee=sums["fee"])


def rolling_turnover(seller_ulid: str, *, until: dt.date) -> int:
    """Turnover of the 90 days that end with the day before `until`."""
    return turnover_of(seller_ulid, first=until - dt.timedelta(days=ROLLING_DAYS), after=until).turnover


@dataclass(frozen=True, kw_only=True)
class AskedPayment:
    """What the mall asks a seller to pay: the SKU that his page offers, in fen."""

    kind: Asked
    sku: str
    amount: int


def asked_of(seller_ulid: str) -> list[AskedPayment]:
    """What a seller is asked to pay now and has not ordered yet."""
    rows = Offer.objects.filter(
        zone__key=SELF_OPERATED,
        sku__product__seller_ulid=seller_ulid,
        sku__product__kind__in=[one.value for one in Asked],
        sku__product__status=ProductStatus.ON_SHELF,
        sku__is_active=True,
        sku__stock__gt=0,
    ).order_by("sku__product__kind")
    found = rows.values_list("sku__product__kind", "sku__ulid", "price_amount")
    return [AskedPayment(kind=Asked(kind), sku=sku, amount=amount) for kind, sku, amount in found]


def statements(*, state: str = "", seller_ulid: str = "") -> QuerySet[Statement]:
    """Statements, newest first."""
    rows = Statement.objects.select_related("seller").order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    return rows.filter(seller__ulid=seller_ulid) if seller_ulid else rows


def statement(ulid: str) -> Statement:
    """One statement with its seller. Raises NotFound."""
    row = Statement.objects.select_related("seller__owner__user").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def lines_of(row: Statement) -> QuerySet[StatementLine]:
    """The lines of a statement, in the order in which they were settled."""
    return StatementLine.objects.filter(statement=row).order_by("settled_at", "pk")


def open_lines(seller_ulid: str) -> QuerySet[StatementLine]:
    """What no statement has taken up yet."""
    return StatementLine.objects.filter(seller_ulid=seller_ulid, statement=None).order_by("settled_at", "pk")


def open_amount(seller_ulid: str) -> int:
    """Sum of the lines that no statement has taken up yet (fen, may be negative)."""
    total: int = open_lines(seller_ulid).aggregate(sum=Sum("amount", default=0))["sum"]
    return total


def every_seller() -> Sequence[str]:
    """ULIDs of all sellers, closed ones too: what they have coming is still settled."""
    return list(Seller.objects.order_by("pk").values_list("ulid", flat=True))


def deductions(seller_ulid: str) -> QuerySet[Deduction]:
    """Deductions from a seller's deposit, newest first."""
    return Deduction.objects.filter(seller__ulid=seller_ulid).order_by("-pk")


def open_deductions(seller_ulid: str = "") -> QuerySet[Deduction]:
    """Deductions that are neither taken nor dropped; of all sellers without a ULID."""
    rows = Deduction.objects.filter(state__in=[DeductionState.ANNOUNCED, DeductionState.DISPUTED]).order_by("-pk")
    return rows.filter(seller__ulid=seller_ulid) if seller_ulid else rows
