"""Making and ending coupons. Terms never change once made: what members hold keeps its worth."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput
from saas.kernel.ids import new_ulid
from saas.kernel.states import IllegalTransition
from tenant_apps.promotions import selectors
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import BY_INVITATION, CouponDraft, CouponKind, draft_fault
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.rules import SettlementKind

_MESSAGES = {
    "form": _("This form was used already. Open it again."),
    "title": _("Give the coupon a name of at most 40 characters."),
    "steps": _(
        "A full reduction has 1 to 5 steps, such as “100 20”, each from more goods and with more off than the one before, and takes off no more than it starts from; a seller's at most 95 % of it."
    ),
    "amount": _("The amount off must be above 0.00 and at most 100,000.00."),
    "off_ppm": _("The part taken off must be 1 % to 95 %."),
    "cap_amount": _("A percentage needs the most that it takes off, above 0.00."),
    "threshold_amount": _("A seller's coupon takes at most 95 % of its threshold: raise “from goods of”."),
    "scope": _("Choose goods of one kind only: categories, products, sellers or zones."),
    "audience": _(
        "For a first purchase or an invitation a coupon is a fixed amount of at most 20.00 (rule 2 of the legal table)."
    ),
    "inviter": _("Coupons for invitations are the mall's."),
    "day_limit": _("A day's limit is 0 to 1,000; 0 means none."),
    "ends_at": _("The end must be in the future, after the start, and at most a year after it."),
    "valid_days": _("Days of validity are 0 to 366; 0 means until the end."),
    "total_qty": _("The number of coupons is 1 to 1,000,000."),
    "person_limit": _("A person may take 1 to 100, and no more than there are."),
    "seller": _("This seller is paid a supply price: the mall would bear the discount. Make it a coupon of the mall."),
}


class CouponInvalid(InvalidInput):
    """A field of a coupon is impossible; `field` names it."""

    code = "coupon_invalid"


def make_coupon(*, draft: CouponDraft, actor: str, now: dt.datetime, form: str = "") -> Coupon:
    """Offer a coupon from `starts_at` on, or let a full reduction run. A seller's is paid by him (Ds), the mall's by the mall (Dp).

    `form` (a ULID) names the form that was filled in and becomes the coupon's own: sent twice, it makes one.

    Raises CouponInvalid naming the field, NotFound for an unknown seller; then nothing has changed.
    """
    if field := draft_fault(draft, now=now):
        raise CouponInvalid(_MESSAGES[field], field=field)
    if found := _made_by(form, actor):
        return _the_same(found, draft)
    with transaction.atomic():
        if draft.seller_ulid:
            sellers.seller(draft.seller_ulid)
            terms = sellers.terms([draft.seller_ulid], now=now).get(draft.seller_ulid)
            if terms is not None and terms.settlement == SettlementKind.SUPPLIER:
                raise CouponInvalid(_MESSAGES["seller"], field="seller")
        by_amount = draft.kind is CouponKind.AMOUNT
        values = vars(draft) | {
            "title": draft.title.strip(),
            "scope_values": list(draft.scope_values),
            "amount": draft.amount if by_amount else 0,
            "off_ppm": draft.off_ppm if draft.kind is CouponKind.PERCENT else 0,
            "cap_amount": draft.cap_amount if draft.kind is CouponKind.PERCENT else 0,
            "steps": [list(one) for one in draft.steps] if draft.kind is CouponKind.STEPS else [],
        }
        row = Coupon(ulid=form or new_ulid(), created_by=actor, created_at=now, **values)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:  # the same form, pressed at the same moment
            if found := _made_by(form, actor):
                return _the_same(found, draft)
            raise CouponInvalid(_MESSAGES["form"], field="form") from None
        if draft.kind is CouponKind.STEPS:
            selectors.forget_reductions()
        if draft.audience in BY_INVITATION:
            selectors.forget_invitations()
        audit.record(actor, "coupon.created", target=f"coupon:{row.ulid}", title=row.title, seller=row.seller_ulid)
    return row


def _made_by(form: str, actor: str) -> Coupon | None:
    return Coupon.objects.filter(ulid=form, created_by=actor).first() if form else None


def _the_same(found: Coupon, draft: CouponDraft) -> Coupon:
    """What the form made before. Raises CouponInvalid where something else was typed into it since."""
    if (found.title, found.kind, found.seller_ulid) != (draft.title.strip(), draft.kind, draft.seller_ulid):
        raise CouponInvalid(_MESSAGES["form"], field="form")
    return found


def end_coupon(*, ulid: str, actor: str, now: dt.datetime, seller_ulid: str | None = None) -> Coupon:
    """Nobody can take it any more; those taken stay good until they expire; a flash sale's price is over. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        found = selectors.coupon(ulid, seller_ulid=seller_ulid)
        row = Coupon.objects.select_for_update().get(pk=found.pk)
        if row.ended_at is not None:
            raise IllegalTransition(current="ended", wanted="ended")
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        what = "flash_sale.ended" if row.kind == CouponKind.FLASH else "coupon.ended"
        audit.record(actor, what, target=f"coupon:{row.ulid}", title=row.title)
    return row
