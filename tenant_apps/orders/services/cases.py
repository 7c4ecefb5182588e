"""A shopper's after-sales case, step by step: asked, answered, sent back, checked, replaced, ruled on by the mall.

The table of stages is orders.aftersales; money is services.refunds. With `seller_ulid` a step is a seller's own: a case
of another seller does not exist for him. Every step is written into the order's history and the case's trail.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.states import IllegalTransition, check_transition
from saas.messaging.bus import services as bus
from tenant_apps.catalog import services as stock
from tenant_apps.catalog.rules import STORE_CARDS, ProductKind, StockLine
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.orders import parcels as parcel_rules
from tenant_apps.orders.aftersales import STAGES, Bearer, CaseDays, Service, Stage, due
from tenant_apps.orders.models import Order, Refund, RefundPart
from tenant_apps.orders.rules import REFUND_TRANSITIONS, WITH_GOODS_SENT, RefundState, RefundWish
from tenant_apps.orders.services import evidence, refunds, transition


class NothingToReturn(DomainError):
    """A return or an exchange of something that was never sent, or of no piece at all."""

    code = "nothing_to_return"
    http_status = 422
    message = _("Only goods that were sent can be returned or exchanged, by whole pieces.")  # type: ignore[assignment]


def open_case(
    *,
    order_ulid: str,
    service: str,
    reason: str,
    member: Member,
    now: dt.datetime,
    wishes: Sequence[RefundWish] | None = None,
    photos: Sequence[tuple[bytes, str]] = (),
) -> Refund:
    """A shopper asks for his money, for his money against the goods, or for other pieces; the seller's time to answer runs.

    Raises as `refunds.request_refund`, InvalidInput (service, photos), ImageRefused, NothingToReturn; nothing has changed.
    """
    if service not in list(Service):
        raise InvalidInput(gettext("Choose refund, return or exchange."), field="service")
    with transaction.atomic():
        refund = refunds.request_refund(
            order_ulid=order_ulid,
            reason=reason,
            actor=f"member:{member.ulid}",
            now=now,
            wishes=wishes,
            member=member,
        )
        parts = list(RefundPart.objects.filter(refund=refund).select_related("line"))
        goods = all(part.line.kind == ProductKind.GOODS for part in parts)
        if service != Service.REFUND_ONLY:
            sent = refund.order.state in WITH_GOODS_SENT
            if not (sent and goods and parts and all(part.qty for part in parts)):
                raise NothingToReturn
        refund.service = service
        refund.amount = 0 if service == Service.EXCHANGE else refund.amount
        refund.evidence = evidence.store_photos(photos)
        timed = goods or all(part.line.kind in STORE_CARDS for part in parts)
        _enter(refund, Stage.SELLER, f"member:{member.ulid}", "case_opened", refund.reason, now, timed=timed)
    return refund


def agree(
    *,
    refund_ulid: str,
    actor: str,
    now: dt.datetime,
    note: str = "",
    return_address: str = "",
    goods_stay: bool = False,
    seller_ulid: str | None = None,
) -> Refund:
    """The seller agrees: a refund is paid back, a return waits for the goods at `return_address` (empty: the mall's).

    With `goods_stay` a return is paid back without its goods. Raises NotFound, IllegalTransition, RefundAbovePaid.
    """
    with transaction.atomic():
        order, refund = _case(refund_ulid, seller_ulid)
        _require(refund, Stage.SELLER)
        if refund.service == Service.REFUND_ONLY or (goods_stay and refund.service == Service.RETURN_REFUND):
            return refunds.approve_refund(refund_ulid=refund_ulid, actor=actor, now=now, note=note)
        refund.return_address = return_address.strip()[:200]
        _step(order, refund, Stage.RETURNING, actor, "case_agreed", note, now)
    return refund


def decline(*, refund_ulid: str, actor: str, note: str, now: dt.datetime, seller_ulid: str | None = None) -> Refund:
    """The seller declines, or finds fault with what came back; the shopper may call the mall.

    Raises NotFound, IllegalTransition, InvalidInput (note).
    """
    _require_note(note)
    with transaction.atomic():
        order, refund = _case(refund_ulid, seller_ulid)
        _step(order, refund, Stage.DECLINED, actor, "case_declined", note, now)
    return refund


def appeal(*, refund_ulid: str, member: Member, note: str, now: dt.datetime) -> Refund:
    """The shopper asks the mall to decide. Raises NotFound, IllegalTransition, InvalidInput (note)."""
    _require_note(note)
    with transaction.atomic():
        order, refund = _own(refund_ulid, member)
        _require(refund, Stage.DECLINED)
        _step(order, refund, Stage.MALL, f"member:{member.ulid}", "case_appealed", note, now)
    return refund


def send_back(*, refund_ulid: str, member: Member, carrier: str, number: str, now: dt.datetime) -> Refund:
    """The shopper has sent the goods. Raises NotFound, IllegalTransition, InvalidInput (carrier, number)."""
    carrier, number = _parcel(carrier, number)
    with transaction.atomic():
        order, refund = _own(refund_ulid, member)
        _require(refund, Stage.RETURNING)
        refund.return_carrier, refund.return_number = carrier, number
        _step(order, refund, Stage.RETURNED, f"member:{member.ulid}", "goods_sent_back", f"{carrier} {number}", now)
    return refund


def accept_return(
    *, refund_ulid: str, actor: str, now: dt.datetime, restock: bool, note: str = "", seller_ulid: str | None = None
) -> Refund:
    """What came back is in order: the money goes back, and with `restock` the goods go into stock.

    Raises NotFound, IllegalTransition (an exchange is answered by `send_replacement`), RefundAbovePaid.
    """
    with transaction.atomic():
        _order, refund = _case(refund_ulid, seller_ulid)
        _require(refund, Stage.RETURNED)
        return refunds.approve_refund(refund_ulid=refund_ulid, actor=actor, now=now, note=note, restock=restock)


def send_replacement(
    *,
    refund_ulid: str,
    carrier: str,
    number: str,
    actor: str,
    now: dt.datetime,
    restock: bool = False,
    seller_ulid: str | None = None,
) -> Refund:
    """Other pieces of the same SKUs are on their way; they leave stock by one conditional statement. No money moves.

    With `restock` the pieces that came back go into stock. Raises NotFound, IllegalTransition, InsufficientStock, InvalidInput.
    """
    carrier, number = _parcel(carrier, number)
    with transaction.atomic():
        order, refund = _case(refund_ulid, seller_ulid)
        if refund.service != Service.EXCHANGE:
            raise IllegalTransition(current=refund.service, wanted=Stage.REPLACED)
        check_transition(STAGES, Stage(refund.stage), Stage.REPLACED)
        parts = list(RefundPart.objects.filter(refund=refund).select_related("line").order_by("line__position"))
        lines = [StockLine(part.line.sku_ulid, part.qty) for part in parts]
        stock.take_stock(lines)
        if restock:
            stock.return_stock(lines)
            for part in parts:
                part.restocked_qty = part.qty
            RefundPart.objects.bulk_update(parts, ["restocked_qty"])
        refund.replacement_carrier, refund.replacement_number = carrier, number
        _step(order, refund, Stage.REPLACED, actor, "replacement_sent", f"{carrier} {number}", now)
    return refund


def confirm_replacement(*, refund_ulid: str, member: Member, now: dt.datetime) -> Refund:
    """The shopper has the replacement: the case is done. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        order, refund = _own(refund_ulid, member)
        _require(refund, Stage.REPLACED)
        _exchanged(order, refund, f"member:{member.ulid}", now)
    return refund


def rule(
    *,
    refund_ulid: str,
    outcome: str,
    note: str,
    freight_bearer: str,
    actor: str,
    now: dt.datetime,
    freight_amount: int = 0,
    return_address: str = "",
    restock: bool = False,
) -> Refund:
    """The mall decides a case it was called to: `outcome` pay, return (goods first) or refuse; with its reason.

    `freight_bearer` says who bears the freight; `freight_amount` (fen) of the order's freight goes back with the refund.
    Raises NotFound, IllegalTransition, RefundAbovePaid, InvalidInput (note, freight_bearer, outcome, freight_amount).
    """
    _require_note(note)
    if freight_bearer not in list(Bearer):
        raise InvalidInput(gettext("Say who bears the freight."), field="freight_bearer")
    with transaction.atomic():
        order, refund = _case(refund_ulid, None)
        _require(refund, Stage.MALL)
        exchange = refund.service == Service.EXCHANGE
        if outcome not in ("pay", "return", "refuse") or (exchange and outcome == "pay"):
            raise InvalidInput(gettext("This outcome does not fit the case."), field="outcome")
        if freight_amount and (exchange or outcome == "refuse"):
            raise InvalidInput(gettext("Freight goes back with a refund only."), field="freight_amount")
        if outcome != "refuse":
            refunds.set_freight(order, refund, freight_amount or refund.freight_amount)
        refund.freight_bearer = freight_bearer
        _note(refund, actor, "case_ruled", note, now)
        refund.save()
        audit.record(
            actor, "refund.ruled", target=f"refund:{refund.ulid}", reason=note, outcome=outcome, bearer=freight_bearer
        )
        if outcome == "refuse":
            return refunds.refuse_refund(refund_ulid=refund_ulid, actor=actor, note=note, now=now)
        if outcome == "pay":
            back = restock if refund.return_number else None
            return refunds.approve_refund(refund_ulid=refund_ulid, actor=actor, now=now, note=note, restock=back)
        refund.return_address = return_address.strip()[:200] or refund.return_address
        onward = Stage.RETURNED if refund.return_number else Stage.RETURNING
        _step(order, refund, onward, actor, "case_agreed", note, now)
    return refund


def advance_if_due(*, refund_ulid: str, now: dt.datetime) -> bool:
    """What happens when the one whose turn it was did nothing; whether anything did. A repeat changes nothing."""
    with transaction.atomic():
        order, refund = _case(refund_ulid, None)
        if refund.due_at is None or now < refund.due_at:
            return False
        stage = Stage(refund.stage)
        if stage is Stage.SELLER:
            agree(refund_ulid=refund_ulid, actor="system", now=now, note=gettext("The seller did not answer in time."))
        elif stage is Stage.DECLINED:
            _lapse(refund, gettext("The mall was not called in time."), now)
        elif stage is Stage.RETURNING:
            _lapse(refund, gettext("The goods were not sent back in time."), now)
        elif stage is Stage.REPLACED:
            _exchanged(order, refund, "system", now)
        elif refund.service == Service.EXCHANGE:
            note = gettext("The seller did not send the replacement in time.")
            _step(order, refund, Stage.MALL, "system", "case_appealed", note, now)
        else:
            accept_return(
                refund_ulid=refund_ulid,
                actor="system",
                now=now,
                restock=False,
                note=gettext("The seller did not check the goods in time."),
            )
    return True


def _lapse(refund: Refund, note: str, now: dt.datetime) -> None:
    refunds.refuse_refund(refund_ulid=refund.ulid, actor="system", note=note, now=now)


def _exchanged(order: Order, refund: Refund, actor: str, now: dt.datetime) -> None:
    check_transition(REFUND_TRANSITIONS, RefundState(refund.state), RefundState.EXCHANGED)
    refund.state, refund.decided_by, refund.decided_at = RefundState.EXCHANGED, actor, now
    _step(order, refund, Stage.DONE, actor, "exchanged", "", now)
    refunds.completion_again(order, refund, now)


def _case(refund_ulid: str, seller_ulid: str | None) -> tuple[Order, Refund]:
    order, refund = refunds.locked_case(refund_ulid)
    if not refund.stage or (seller_ulid is not None and order.seller_ulid != seller_ulid):
        raise NotFound
    return order, refund


def _own(refund_ulid: str, member: Member) -> tuple[Order, Refund]:
    order, refund = _case(refund_ulid, None)
    if order.member_id != member.pk:
        raise NotFound
    return order, refund


def _require(refund: Refund, stage: Stage) -> None:
    if refund.stage != stage:
        raise IllegalTransition(current=refund.stage, wanted=stage)


def _step(order: Order, refund: Refund, stage: Stage, actor: str, action: str, note: str, now: dt.datetime) -> None:
    """The next stage of a locked case, in history, trail and, where people of the mall act, the audit."""
    check_transition(STAGES, Stage(refund.stage), stage)
    _enter(refund, stage, actor, action, note, now)
    transition.write(order, action=action, actor=actor, now=now, reason=note.strip())
    if actor != f"member:{order.member.ulid}":  # the shopper's own steps are in the case's trail alone
        told = {"order": order.ulid, "refund": refund.ulid}
        bus.publish("order.case_moved", told, key=f"{refund.ulid}:{len(refund.trail)}:moved")
        audit.record(actor, f"refund.{action}", target=f"refund:{refund.ulid}", reason=note.strip())


def _enter(
    refund: Refund, stage: Stage, actor: str, action: str, note: str, now: dt.datetime, *, timed: bool = True
) -> None:
    refund.stage = stage
    refund.due_at = due(stage, now, _days(refund.order)) if timed else None
    _note(refund, actor, action, note, now)
    refund.save()
    if refund.due_at is not None:
        key = f"{refund.ulid}:{len(refund.trail)}"
        bus.publish("order.case_due", {"refund": refund.ulid}, key=key, available_at=refund.due_at)


def _days(order: Order) -> CaseDays:
    """The days of the settings that the order was sold under."""
    terms = modes.settings_for_order(order.settings_versions)["orders"].values
    return CaseDays(
        answer=terms.case_answer_days,
        appeal=terms.case_appeal_days,
        send_back=terms.case_return_days,
        check=terms.case_check_days,
        replaced=terms.case_replaced_days,
    )


def _note(refund: Refund, actor: str, action: str, note: str, now: dt.datetime) -> None:
    refund.trail = [*refund.trail, [now.isoformat(), actor, action, note.strip()[:200]]]


def _parcel(carrier: str, number: str) -> tuple[str, str]:
    carrier, number = carrier.strip(), number.strip()
    if not 1 <= len(carrier) <= 40:
        raise InvalidInput(gettext("Name the carrier."), field="carrier")
    if parcel_rules.number_fault(number):
        raise InvalidInput(gettext("This is no tracking number."), field="number")
    return carrier, number


def _require_note(note: str) -> None:
    if not note.strip():
        raise InvalidInput(gettext("Please say why."), field="note")
