"""Gift packs: offered by staff, their grants given at completion and taken back with a refund (MODES 6, 14 #4)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan, pct_ceil
from saas.messaging.bus import services as bus
from saas.tenants.approvals import Subject
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.rules import GIFT_PACK
from tenant_apps.members import services as members
from tenant_apps.members.rules import gift_pack_ground
from tenant_apps.modes import operators, selectors
from tenant_apps.modes.contract import TOP_RANK, Grade
from tenant_apps.modes.gift_pack.models import GiftPack
from tenant_apps.modes.gift_pack.selectors import packs_in_force
from tenant_apps.modes.gift_pack.settings import GiftPackSettings

AGENCY_GRADES = (Grade.DISTRICT, Grade.CITY, Grade.PROVINCE)
_MUNICIPALITIES = ("11", "12", "31", "50")  # without a city grade: their districts stand below the province
MAX_MONTHS = 60


class GoodsValueTooLow(DomainError):
    """The goods in a pack are worth less, at list price, than the settings ask for: it would be a fee in disguise."""

    code = "goods_value_too_low"
    http_status = 422
    message = _("The goods in this pack come to {value} at list price; at least {least} are needed.")  # type: ignore[assignment]


@dataclass(frozen=True)
class Content:
    """Goods in a pack at their normal price, in fen a piece."""

    title: str
    list_amount: int
    qty: int = 1


@dataclass(frozen=True)
class PackDraft:
    """A pack as staff enter it: what is in it, what it costs, what it grants — a rank, or an agency for some months."""

    sku_ulid: str
    price_amount: int
    contents: tuple[Content, ...]
    person_limit: int = 1
    rank: int = 0
    agency_grade: str = ""
    agency_months: int = 0

    @property
    def contents_amount(self) -> int:
        return sum(one.list_amount * one.qty for one in self.contents)


def save_pack(*, draft: PackDraft, actor: str, now: dt.datetime) -> GiftPack:
    """Offer a SKU as a gift pack, or change how it is offered; orders placed before keep what they were sold under.

    Raises InvalidInput (naming the field), GoodsValueTooLow, NotFound (SKU), and for an agency ApprovalMissing.
    """
    _check(draft)
    least = pct_ceil(draft.price_amount, settings_in_force(now).goods_value_min_ppm)
    if draft.contents_amount < least:
        raise GoodsValueTooLow(
            field="contents", value=f"¥{format_yuan(draft.contents_amount)}", least=f"¥{format_yuan(least)}"
        )
    if draft.agency_grade:
        operators.require_approval(Subject.GIFT_PACK_AGENCY, now=now)
    with transaction.atomic():
        catalog.set_offer_price(sku_ulid=draft.sku_ulid, price_amount=draft.price_amount, zone=GIFT_PACK, actor=actor)
        GiftPack.objects.filter(sku_ulid=draft.sku_ulid, retired_at=None).update(retired_at=now)
        row = GiftPack(
            ulid=new_ulid(),
            sku_ulid=draft.sku_ulid,
            contents=[asdict(one) for one in draft.contents],
            contents_amount=draft.contents_amount,
            person_limit=draft.person_limit,
            rank=draft.rank,
            agency_grade=draft.agency_grade,
            agency_months=draft.agency_months,
            created_by=actor,
            created_at=now,
        )
        row.save(force_insert=True)
        audit.record(
            actor,
            "gift_pack.saved",
            target=f"sku:{draft.sku_ulid}",
            price_amount=draft.price_amount,
            rank=draft.rank,
            agency_grade=draft.agency_grade,
            person_limit=draft.person_limit,
        )
    return row


def retire_pack(*, sku_ulid: str, actor: str, now: dt.datetime) -> None:
    """Stop offering a SKU as a gift pack. Raises NotFound."""
    with transaction.atomic():
        catalog.remove_offer(sku_ulid=sku_ulid, zone=GIFT_PACK, actor=actor)
        GiftPack.objects.filter(sku_ulid=sku_ulid, retired_at=None).update(retired_at=now)
        audit.record(actor, "gift_pack.retired", target=f"sku:{sku_ulid}")


def grant(*, told: dict[str, Any], now: dt.datetime) -> None:
    """An order is completed: give what its packs grant. `told` is the payload of `order.completed`.

    A rank is given once an order, the highest of its packs; an agency is asked for, and the mall's staff approve it.
    """
    kept = [line for line in told["lines"] if line["zone"] == GIFT_PACK and line["qty"] > 0]
    packs = packs_in_force([line["sku"] for line in kept], at=dt.datetime.fromisoformat(told["placed_at"]))
    rank = max((packs[line["sku"]].rank for line in kept if line["sku"] in packs), default=0)
    with transaction.atomic():
        if rank:
            members.grant_rank(
                member_ulid=told["member"],
                rank=rank,
                ground=gift_pack_ground(told["order"]),
                actor="system",
                now=now,
            )
        for line in _agency_lines(kept, packs):
            pack = packs[line["sku"]]
            bus.publish(
                "agency.requested",
                _agency(told, line, pack) | {"invested_amount": line["cash"], "months": pack.agency_months},
                key=line["line"],
            )


def take_back(*, told: dict[str, Any], now: dt.datetime) -> None:
    """A completed order's packs have come back: a rank that stood on them alone is withdrawn, and so is an agency.

    `told` is the payload of `order.refunded`. A pack counts as returned when no piece, or no money, of it is left.
    """
    returned = [
        line for line in told["lines"] if line["zone"] == GIFT_PACK and not line["left_qty"] * line["left_cash"]
    ]
    if not returned or not told["completed_at"]:
        return
    packs = packs_in_force([line["sku"] for line in returned], at=dt.datetime.fromisoformat(told["placed_at"]))
    with transaction.atomic():
        if any(pack.rank for pack in packs.values()):
            members.withdraw_ground(
                member_ulid=told["member"],
                ground=gift_pack_ground(told["order"]),
                actor="system",
                reason="gift_pack_refunded",
                now=now,
            )
        for line in _agency_lines(returned, packs):
            said = _agency(told, line, packs[line["sku"]])
            bus.publish("agency.withdrawn", said, key=f"{line['line']}:{told['refund']}")


def _agency_lines(lines: Sequence[dict[str, Any]], packs: dict[str, GiftPack]) -> list[dict[str, Any]]:
    """Lines whose pack grants an agency, each with the area that the buyer chose."""
    return [line for line in lines if line["sku"] in packs and packs[line["sku"]].agency_grade and line["agency_code"]]


def _agency(told: dict[str, Any], line: dict[str, Any], pack: GiftPack) -> dict[str, Any]:
    grade = area_grade(Grade(pack.agency_grade), line["agency_code"])
    return {
        "member": told["member"],
        "order": told["order"],
        "line": line["line"],
        "grade": grade.value,
        "code": line["agency_code"],
    }


def area_grade(grade: Grade, code: str) -> Grade:
    """The grade that an agency gets in a place: a municipality has no cities, so there it is the district."""
    return Grade.DISTRICT if grade is Grade.CITY and code.startswith(_MUNICIPALITIES) else grade


def settings_in_force(now: dt.datetime) -> GiftPackSettings:
    """The settings of gift packs, the defaults where none were published."""
    pinned = selectors.current_settings(mode="gift_pack", now=now)
    values: GiftPackSettings = pinned.values if pinned else GiftPackSettings()
    return values


def read_contents(text: str, parse_amount: Any) -> tuple[Content, ...]:
    """Contents from lines of `name, list price, pieces`. Raises InvalidInput naming the line."""
    found: list[Content] = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts: Sequence[str] = [part.strip() for part in line.replace("，", ",").rsplit(",", 2)]
        if not any(parts):
            continue
        try:
            name, price, pieces = parts
            found.append(Content(name[:80], parse_amount(price), int(pieces)))
        except ValueError:
            text = gettext("Line {number}: write name, list price, pieces — for example: Tea, 99.00, 2")
            raise InvalidInput(text.format(number=number), field="contents") from None
    return tuple(found)


def _check(draft: PackDraft) -> None:
    if not draft.contents or any(
        not one.title or one.qty < 1 or one.list_amount < 1 or one.qty > 999 for one in draft.contents
    ):
        raise InvalidInput(gettext("Say what is in the pack: name, list price and pieces of each."), field="contents")
    if not 1 <= draft.person_limit <= 100:
        raise InvalidInput(gettext("One person may buy 1 to 100 of a pack."), field="person_limit")
    if bool(draft.rank) == bool(draft.agency_grade):
        raise InvalidInput(gettext("A pack grants a rank or an agency, one of the two."), field="rank")
    if draft.rank and not 1 <= draft.rank <= TOP_RANK:
        raise InvalidInput(gettext("Choose one of the ranks V1 to V3."), field="rank")
    if draft.agency_grade and (draft.agency_grade not in AGENCY_GRADES or not 1 <= draft.agency_months <= MAX_MONTHS):
        raise InvalidInput(
            gettext("An agency is of a district, a city or a province, for 1 to 60 months."), field="rank"
        )
