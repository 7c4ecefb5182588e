"""Goods lent to a store: sent, sold and settled on the statement, brought back, counted (FEATURES G14)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.counter.models import CreditMove, CreditStock, StoreProfile
from tenant_apps.counter.rules import credit
from tenant_apps.counter.rules.credit import MAX_FACTOR_PPM, MAX_PIECES, MAX_UNIT_AMOUNT, MoveKind
from tenant_apps.counter.selectors import credit as selectors
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.rules import SellerState
from tenant_apps.sellers.services import editing

COUNT = "credit_count"  # the prepared action that a count with a difference asks for


class CreditLimit(DomainError):
    """More than the store's deposit covers; `left` says how much more may be lent."""

    code = "credit_limit"
    http_status = 422
    message = _("The deposit covers goods of ¥{left} more. Ask for a higher deposit, or lend less.")  # type: ignore[assignment]


class MoreThanHeld(DomainError):
    """More pieces than lie in the store; `left` says how many do."""

    code = "more_than_held"
    http_status = 422
    message = _("Of “{title}” {left} pieces are in the store.")  # type: ignore[assignment]


class CountImpossible(DomainError):
    """More pieces were counted than the store ever had and did not bring back; `most` says how many it can be."""

    code = "count_impossible"
    http_status = 422
    message = _("Of “{title}” at most {most} pieces can be there: no more were lent. Count again.")  # type: ignore[assignment]


def set_factor(*, seller_ulid: str, factor_ppm: int, actor: str, now: dt.datetime) -> StoreProfile:
    """How many times its deposit a store may have in goods (ppm, up to five times). Raises InvalidInput (factor), NotFound."""
    if not 0 <= factor_ppm <= MAX_FACTOR_PPM:
        raise InvalidInput(gettext("A store may have goods worth 0 to 500 % of its deposit."), field="factor")
    with transaction.atomic():
        _require_store(seller_ulid)
        row, _made = StoreProfile.objects.get_or_create(seller_ulid=seller_ulid, defaults={"updated_at": now})
        before, row.credit_factor_ppm, row.updated_at = row.credit_factor_ppm, factor_ppm, now
        row.save(update_fields=["credit_factor_ppm", "updated_at"])
        audit.record(actor, "store.credit_limited", target=f"seller:{seller_ulid}", before=before, after=factor_ppm)
    return row


def lend_stock(
    *,
    seller_ulid: str,
    sku_ulid: str,
    qty: int,
    unit_amount: int,
    reorder_qty: int = 0,
    actor: str,
    now: dt.datetime,
) -> CreditStock:
    """Send pieces of the mall's own goods to a store that sells; each is owed (`unit_amount` fen) when it is sold.

    They leave the mall's stock. Raises NotFound, InvalidInput (sku, qty, unit_amount, reorder_qty), CreditLimit,
    catalog.InsufficientStock; then nothing has changed.
    """
    for field, value, least, most in (
        ("qty", qty, 1, MAX_PIECES),
        ("unit_amount", unit_amount, 1, MAX_UNIT_AMOUNT),
        ("reorder_qty", reorder_qty, 0, MAX_PIECES),
    ):
        if not least <= value <= most:
            raise InvalidInput(gettext("This number is out of range."), field=field)
    with transaction.atomic():
        _lock_store(seller_ulid, selling=True)
        title = _own_goods(sku_ulid)
        standing = selectors.standing(seller_ulid)
        if qty * unit_amount > standing.left_amount:
            raise CreditLimit(left=format_yuan(standing.left_amount), field="qty")
        catalog.change_stock(sku_ulid=sku_ulid, delta=-qty, reason="lent to a store", actor=actor, now=now)
        row, _made = CreditStock.objects.get_or_create(
            seller_ulid=seller_ulid,
            sku_ulid=sku_ulid,
            unit_amount=unit_amount,
            defaults={"ulid": new_ulid(), "title": title, "created_at": now},
        )
        row.reorder_qty = reorder_qty
        _move(row, MoveKind.LENT, qty, actor=actor, now=now)
    return row


def settle_sold(*, seller_ulid: str, ulid: str, qty: int, actor: str, now: dt.datetime) -> CreditMove:
    """Pieces that the store has sold: owed from now on, as a line of its next statement. Raises NotFound, MoreThanHeld."""
    with transaction.atomic():
        row = _locked(seller_ulid, ulid, qty)
        row.charged_qty += qty
        move = _move(row, MoveKind.SOLD, -qty, actor=actor, now=now, amount=qty * row.unit_amount)
        _charge(row, move, now)
    return move


def return_stock(*, seller_ulid: str, ulid: str, qty: int, actor: str, now: dt.datetime, note: str = "") -> CreditMove:
    """Pieces that staff have received back from the store, or that it hands over for the mall (`note`): in the mall's
    stock again. Raises NotFound, MoreThanHeld."""
    with transaction.atomic():
        row = _locked(seller_ulid, ulid, qty)
        catalog.change_stock(sku_ulid=row.sku_ulid, delta=qty, reason="back from a store", actor=actor, now=now)
        return _move(row, MoveKind.RETURNED, -qty, actor=actor, now=now, note=note)


def keep_again(*, seller_ulid: str, ulid: str, qty: int, actor: str, now: dt.datetime, note: str) -> CreditMove:
    """Pieces that a store was to hand over for the mall and did not: lent as before, whatever its deposit covers now.

    Raises NotFound, catalog.InsufficientStock.
    """
    with transaction.atomic():
        row = _locked(seller_ulid, ulid, None)
        catalog.change_stock(sku_ulid=row.sku_ulid, delta=-qty, reason="lent to a store", actor=actor, now=now)
        return _move(row, MoveKind.LENT, qty, actor=actor, now=now, note=note)


def count_stock(
    *, seller_ulid: str, ulid: str, counted: int, reason: str, actor: str, now: dt.datetime, approved_by: str = ""
) -> CreditMove | None:
    """What a count found: missing pieces are charged, found ones given back; None where nothing differs.

    A difference takes two persons in a mall that has opened. Raises NotFound, InvalidInput (reason), CountImpossible,
    SecondPersonNeeded; then nothing has changed.
    """
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    with transaction.atomic():
        row = _locked(seller_ulid, ulid, None)
        try:
            found = credit.count(held=row.qty, counted=counted, charged=row.charged_qty)
        except ValueError:
            raise CountImpossible(title=row.title, most=row.qty + row.charged_qty, field="counted") from None
        if not found.changes:
            audit.record(actor, "store.credit_counted", target=f"seller:{seller_ulid}", stock=ulid, counted=counted)
            return None
        if malls.is_real(active_mall().ulid):
            identity.require_second(
                actor=actor,
                approved_by=approved_by,
                kind=COUNT,
                subject=f"credit:{ulid}:{row.qty}:{row.charged_qty}",
                payload={"seller": seller_ulid, "stock": ulid, "counted": counted, "held": row.qty},
                reason=reason,
            )
        row.charged_qty += found.missing - found.found
        kind, qty = (MoveKind.MISSING, -found.missing) if found.missing else (MoveKind.FOUND, found.found)
        more = {"note": reason.strip()[:200], "approved_by": approved_by}
        move = _move(row, kind, qty, actor=actor, now=now, amount=-qty * row.unit_amount, **more)
        _charge(row, move, now)
    return move


def _move(
    row: CreditStock,
    kind: MoveKind,
    qty: int,
    *,
    actor: str,
    now: dt.datetime,
    amount: int = 0,
    note: str = "",
    approved_by: str = "",
) -> CreditMove:
    row.qty += qty
    row.save(update_fields=["qty", "charged_qty", "reorder_qty"])
    move = CreditMove(
        ulid=new_ulid(),
        stock=row,
        kind=kind,
        qty=qty,
        qty_after=row.qty,
        amount=amount,
        note=note,
        actor=actor,
        approved_by=approved_by,
        moved_at=now,
    )
    move.save(force_insert=True)
    worth = selectors.standing(row.seller_ulid).worth_amount
    seller_services.note_lent(seller_ulid=row.seller_ulid, amount=worth, now=now)
    audit.record(
        actor,
        "store.credit_moved",
        target=f"seller:{row.seller_ulid}",
        stock=row.ulid,
        kind=str(kind),
        qty=qty,
        amount=amount,
        reason=note,
        approved_by=approved_by,
    )
    return move


def _charge(row: CreditStock, move: CreditMove, now: dt.datetime) -> None:
    words = {
        MoveKind.SOLD: gettext("Goods on credit sold: {title} × {qty}"),
        MoveKind.MISSING: gettext("Goods on credit missing: {title} × {qty}"),
        MoveKind.FOUND: gettext("Goods on credit found again: {title} × {qty}"),
    }
    title = words[MoveKind(move.kind)].format(title=row.title, qty=abs(move.qty))
    seller_services.charge_goods(
        seller_ulid=row.seller_ulid, amount=move.amount, title=title, source=f"credit:{move.ulid}", now=now
    )


def _locked(seller_ulid: str, ulid: str, qty: int | None) -> CreditStock:
    _lock_store(seller_ulid)
    row = CreditStock.objects.select_for_update(no_key=True).filter(seller_ulid=seller_ulid, ulid=ulid).first()
    if row is None:
        raise NotFound
    if qty is not None and not 1 <= qty <= row.qty:
        raise MoreThanHeld(title=row.title, left=row.qty, field="qty")
    return row


def _lock_store(seller_ulid: str, *, selling: bool = False) -> None:
    """One at a time a store: the limit is looked at and used under its row's lock."""
    _require_store(seller_ulid)
    row = editing.locked(seller_ulid)
    if selling and row.state != SellerState.ACTIVE:
        raise InvalidInput(gettext("Goods are lent to a store that sells."), field="seller")


def _require_store(seller_ulid: str) -> None:
    if not sellers.seller(seller_ulid).is_store:
        raise NotFound


def _own_goods(sku_ulid: str) -> str:
    sku = Sku.objects.select_related("product").filter(ulid=sku_ulid, is_active=True).first()
    if sku is None or sku.product.seller_ulid or sku.product.kind != ProductKind.GOODS:
        raise InvalidInput(gettext("Lent are the mall's own goods."), field="sku")
    return f"{sku.product.title} {sku.option_text}".strip()[:200]
