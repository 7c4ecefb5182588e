"""What takes two persons in this mall: what the second one reads, who may be it, and what his approval carries out.

A service that takes two calls `identity.require_second(...)` with its `approved_by`; a page then keeps the request
(`pages.act`), and `approve` calls the service again with the second person, in one transaction.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from saas.identity import selectors as identity
from saas.identity import services as people
from saas.identity.models import PreparedAction, User
from saas.identity.roles import Role, has_role
from saas.kernel.transactions import retried_transaction
from tenant_apps.backoffice.labels import mode_title
from tenant_apps.counter.selectors import credit as credit_stock
from tenant_apps.counter.services import credit
from tenant_apps.modes import describing, sentences
from tenant_apps.modes import selectors as modes
from tenant_apps.modes import services as mode_services
from tenant_apps.modes.registry import SETTINGS
from tenant_apps.modes.services import confirming, publishing
from tenant_apps.modes.services import presets as mode_sets
from tenant_apps.payouts import selectors as payouts
from tenant_apps.payouts import services as payout_services
from tenant_apps.payouts.services import reviewing
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.services import deciding, deducting

Told = list[tuple[str, str]]


@dataclass(frozen=True)
class Kind:
    """One kind of prepared action. `carry_out` runs in the approving transaction; what it raises leaves it open."""

    label: str | Promise
    roles: tuple[Role, ...]  # who may prepare it, and who may be the second person; the owner always
    told: Callable[[Mapping[str, Any]], Told]
    carry_out: Callable[[PreparedAction, dt.datetime], object]
    page: Callable[[Mapping[str, Any]], str]


def _settings_told(payload: Mapping[str, Any]) -> Told:
    mode, zone = payload["mode"], payload["zone"]
    found = [
        (_("Rule"), mode_title(mode)),
        (_("Zone"), modes.zone_names().get(zone, zone) if zone else _("whole mall")),
    ]
    start = payload["effective_from"]
    shown = f"{localtime(dt.datetime.fromisoformat(start)):%Y-%m-%d %H:%M}" if start else _("from the approval on")
    found.append((_("In force from"), shown))
    before = modes.history(mode=mode, zone=zone).first()
    if payload["values"] is None:
        return [*found, (_("What changes"), _("The zone follows the whole mall again."))]
    if before is None or before.inherits:  # the first of its kind: all of it is new
        fields = SETTINGS[mode].model_fields
        return found + [
            (_(fields[name].title or name), describing.shown_value(mode, name, value))
            for name, value in payload["values"].items()
        ]
    for one in modes.changes(mode=mode, before=before.values, after=payload["values"]):
        old, new = (describing.shown_value(mode, one.name, value) for value in (one.before, one.after))
        found.append((_(one.label), f"{old} → {new}"))
    return found


def _confirm_told(payload: Mapping[str, Any]) -> Told:
    mode, zone = payload["mode"], payload["zone"]
    fields = SETTINGS[mode].model_fields
    return [
        (_("Rule"), mode_title(mode)),
        (_("Zone"), modes.zone_names().get(zone, zone) if zone else _("whole mall")),
        (_("Version"), str(payload["number"])),
        *(
            (_(fields[name].title or name), describing.shown_value(mode, name, value))
            for name, value in payload["values"].items()
            if name in fields
        ),
    ]


def _set_told(payload: Mapping[str, Any]) -> Told:
    return [
        (mode_title(key.partition("@")[0]), ", ".join(f"{name}: {value}" for name, value in values.items()) or "–")
        for key, values in payload["settings"].items()
    ]


def _publish(row: PreparedAction, now: dt.datetime) -> object:
    return mode_services.publish_approved(
        actor=row.prepared_by, approved_by=row.decided_by, reason=row.reason, payload=row.payload, now=now
    )


def _apply(row: PreparedAction, now: dt.datetime) -> object:
    return mode_services.apply_approved(
        actor=row.prepared_by, approved_by=row.decided_by, reason=row.reason, payload=row.payload, now=now
    )


def _seller_told(payload: Mapping[str, Any]) -> Told:
    row = sellers.seller(payload["seller"])
    return [(_("Seller"), row.name), (_("Amount"), sentences.yuan(payload["amount"]))]


def _seller_page(payload: Mapping[str, Any]) -> str:
    return reverse("backoffice:seller", args=[payload["seller"]])


def _adjust(row: PreparedAction, now: dt.datetime) -> object:
    return seller_services.adjust_payable(**_of_seller(row), now=now)


def _deduct(row: PreparedAction, now: dt.datetime) -> object:
    return seller_services.announce_deduction(**_of_seller(row), now=now)


def _of_seller(row: PreparedAction) -> dict[str, Any]:
    return {
        "seller_ulid": row.payload["seller"],
        "amount": row.payload["amount"],
        "reason": row.reason,
        "actor": row.prepared_by,
        "approved_by": row.decided_by,
    }


def _count_told(payload: Mapping[str, Any]) -> Told:
    row = credit_stock.row(payload["seller"], payload["stock"])
    return [
        (_("Seller"), sellers.seller(payload["seller"]).name),
        (_("Product"), row.title),
        (_("On the books"), str(payload["held"])),
        (pgettext("stock", "Counted"), str(payload["counted"])),
        (_("Price of a piece"), sentences.yuan(row.unit_amount)),
    ]


def _count(row: PreparedAction, now: dt.datetime) -> object:
    return credit.count_stock(
        seller_ulid=row.payload["seller"],
        ulid=row.payload["stock"],
        counted=row.payload["counted"],
        reason=row.reason,
        actor=row.prepared_by,
        approved_by=row.decided_by,
        now=now,
    )


def _withdrawal_told(payload: Mapping[str, Any]) -> Told:
    row = payouts.withdrawal(payload["withdrawal"])
    return [
        (_("Withdrawal"), row.number),
        (_("Member"), str(row.member)),
        (_("Leaves the wallet"), sentences.yuan(row.amount)),
        (_("To transfer"), sentences.yuan(row.net_amount)),
        (_("Payee"), f"{row.real_name_shown} · {row.bank_name} · {row.account_shown}"),
    ]


def _approve_withdrawal(row: PreparedAction, now: dt.datetime) -> object:
    return payout_services.approve_withdrawal(
        ulid=row.payload["withdrawal"], actor=row.prepared_by, approved_by=row.decided_by, now=now
    )


KINDS: dict[str, Kind] = {
    publishing.PUBLISH: Kind(
        gettext_lazy("Publish money rules"),
        (Role.COMPLIANCE,),
        _settings_told,
        _publish,
        lambda payload: reverse("backoffice:settings", args=[payload["mode"]]),
    ),
    confirming.CONFIRM: Kind(
        gettext_lazy("Confirm money rules before the opening"),
        (Role.COMPLIANCE,),
        _confirm_told,
        lambda row, now: mode_services.record_confirmation(
            version=row.payload["version"], actor=row.decided_by, now=now
        ),
        lambda payload: reverse("backoffice:settings", args=[payload["mode"]]),
    ),
    mode_sets.APPLY: Kind(
        gettext_lazy("Use a set of money rules"),
        (Role.COMPLIANCE,),
        _set_told,
        _apply,
        lambda payload: reverse("backoffice:presets"),
    ),
    deciding.ADJUST: Kind(
        gettext_lazy("Take from a seller, or give him"), (Role.FINANCE,), _seller_told, _adjust, _seller_page
    ),
    reviewing.APPROVE: Kind(
        gettext_lazy("Approve a large withdrawal"),
        (Role.FINANCE,),
        _withdrawal_told,
        _approve_withdrawal,
        lambda payload: reverse("backoffice:withdrawal", args=[payload["withdrawal"]]),
    ),
    credit.COUNT: Kind(
        gettext_lazy("Book a difference at a count"),
        (Role.FINANCE,),
        _count_told,
        _count,
        lambda payload: reverse("backoffice:store_stock", args=[payload["seller"]]),
    ),
    deducting.DEDUCT: Kind(
        gettext_lazy("Deduct from a seller's deposit"), (Role.FINANCE,), _seller_told, _deduct, _seller_page
    ),
}


def may_decide(user: User, row: PreparedAction) -> bool:
    """Whether a role of the user's lets him be the second person of this kind."""
    known = KINDS.get(row.kind)
    return known is not None and has_role(user, Role.OWNER, *known.roles)


@retried_transaction
def approve(*, ulid: str, user: User, now: dt.datetime) -> PreparedAction:
    """The second person says yes: recorded and carried out, both or neither.

    Raises PermissionDenied, what approving raises (SamePerson, ActionExpired, …), and what the service raises.
    """
    with transaction.atomic():
        if not may_decide(user, identity.prepared_action(ulid)):
            raise PermissionDenied
        row = people.approve_action(ulid=ulid, actor=f"user:{user.public_id}", now=now)
        KINDS[row.kind].carry_out(row, now)
    return row
