"""Awards as screens show them: of an order for staff, of a member for himself, each with its sentence."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from tenant_apps.members import selectors as members
from tenant_apps.modes.contract import PayeeKind, Sentence
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.sentences import render
from tenant_apps.orders import selectors as orders
from tenant_apps.sellers import selectors as sellers
from tenant_apps.settlement import sentences
from tenant_apps.settlement.models import Award, LineSettlement
from tenant_apps.settlement.rules import AwardState
from tenant_apps.settlement.selectors.visibility import seen

PAGE_SIZE = 20


@dataclass(frozen=True, kw_only=True)
class AwardView:
    """An award as a screen shows it. Amounts in fen."""

    ulid: str
    payee_kind: str
    payee_ulid: str
    payee: str
    rule: str
    kind: str
    kind_word: str
    amount: int
    clawed_amount: int
    net_amount: int
    state: str
    state_word: str
    why: str
    standing: str
    order_ulid: str
    order_number: str
    settings_version: str
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class LineView:
    """Where the money of an order line is: cash + voucher = payable + cost + pool + awards + house."""

    title: str
    cash: int
    returned: int
    funds: int
    payable: int
    cost: int
    pool: int
    awarded: int
    house: int
    awards: Sequence[AwardView]


def awards_of_order(order_ulid: str) -> list[LineView]:
    """Every line of a settled order with its awards, in the pot's order; empty before it is paid."""
    lines = list(
        LineSettlement.objects.filter(settlement__order_ulid=order_ulid)
        .select_related("settlement")
        .prefetch_related("awards")
        .order_by("position")
    )
    awards = _awards(Q(line__settlement__order_ulid=order_ulid))
    shown = dict(zip((award.pk for award in awards), views(awards, names_masked=False), strict=True))
    return [
        LineView(
            title=line.title,
            cash=line.cash_amount + line.voucher_amount,
            returned=line.returned_cash_amount + line.returned_voucher_amount,
            funds=line.funds_amount,
            payable=line.payable_amount,
            cost=line.cost_amount,
            pool=line.pool_amount,
            awarded=line.awarded_amount,
            house=line.house_amount,
            awards=[shown[award.pk] for award in awards if award.line_id == line.pk],
        )
        for line in lines
    ]


def awards_of_member(
    member_ulid: str,
    *,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    state: str = "",
    seen_at: dt.datetime | None = None,
) -> list[AwardView]:
    """A member's awards, newest first, each with why, how much and until when; other people's names masked.

    With `seen_at` only what he himself sees by then: a mall may show awards once the goods are received.
    """
    found = Q(payee_ulid=member_ulid, payee_kind=PayeeKind.MEMBER)
    if state:
        found &= Q(state=state)
    if seen_at is not None:
        found &= seen(now=seen_at)
    start = (max(1, page) - 1) * page_size
    rows = Award.objects.filter(found).select_related("line__settlement").order_by("-pk")[start : start + page_size]
    return views(list(rows), names_masked=True)


def awards_of_store(store_ulid: str, *, limit: int = PAGE_SIZE) -> list[AwardView]:
    """A store's awards, newest first, as its owner reads them: why, how much and until when; names masked."""
    found = Q(payee_ulid=store_ulid, payee_kind=PayeeKind.STORE)
    rows = Award.objects.filter(found).select_related("line__settlement").order_by("-pk")[:limit]
    return views(list(rows), names_masked=True)


def order_of_award(ulid: str) -> str:
    """The ULID of the order that an award belongs to; empty if there is none."""
    found = Award.objects.filter(ulid=ulid).values_list("line__settlement__order_ulid", flat=True)
    return found.first() or ""


def _awards(found: Q) -> list[Award]:
    return list(Award.objects.filter(found).select_related("line__settlement").order_by("line__position", "position"))


def views(awards: Sequence[Award], *, names_masked: bool) -> list[AwardView]:
    """Awards as screens show them, in the same order (three statements, four with shops). The lines' settlements must be loaded."""
    settlements = [award.line.settlement for award in awards]
    names = members.names_by_ulid(
        {award.payee_ulid for award in awards} | {one.buyer_ulid for one in settlements}, masked=names_masked
    )
    shops = {award.payee_ulid for award in awards if award.payee_ulid and award.payee_kind != PayeeKind.MEMBER}
    names |= sellers.names(shops) if shops else {}
    windows = orders.release_windows({one.order_ulid for one in settlements})
    return [_view(award, names, windows) for award in awards]


def rule_word(mode: str) -> str:
    """A mode's name in the reader's language."""
    return render(Sentence(MODES[mode].label)) if mode in MODES else mode


def _view(award: Award, names: dict[str, str], windows: dict[str, orders.ReleaseWindow]) -> AwardView:
    settlement = award.line.settlement
    window = windows.get(settlement.order_ulid)
    return AwardView(
        ulid=award.ulid,
        payee_kind=award.payee_kind,
        payee_ulid=award.payee_ulid,
        payee=names.get(award.payee_ulid, ""),
        rule=rule_word(award.mode),
        kind=award.kind,
        kind_word=sentences.kind_word(award.kind),
        amount=award.amount,
        clawed_amount=award.clawed_amount,
        net_amount=award.net_amount,
        state=award.state,
        state_word=render(Sentence(sentences.STATE_WORDS[AwardState(award.state)])),
        why=sentences.why(
            award,
            buyer=names.get(settlement.buyer_ulid, ""),
            order_number=settlement.order_number,
            is_own_purchase=award.payee_ulid == settlement.buyer_ulid,
        ),
        standing=sentences.standing(
            award,
            release_due_at=window.due_at if window else None,
            aftersales_days=window.aftersales_days if window else 7,
        ),
        order_ulid=settlement.order_ulid,
        order_number=settlement.order_number,
        settings_version=award.settings_version,
        created_at=award.created_at,
    )
