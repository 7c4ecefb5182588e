"""Reads of senders: what is connected, what a screen may show of it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.utils.module_loading import import_string

from saas.kernel.clock import CHINA
from saas.messaging.notices.kinds import KINDS, placeholders
from saas.messaging.notices.models import Notice
from saas.messaging.notices.rules import NoticeState
from saas.messaging.notices.services import mailbox_open
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import Medium, Provider, Template, told_at

_NONE_SECONDS = 300
# The kinds that go out by SMS, by who sends them; the others are mail, or for operators alone.
MALL_KINDS = (
    "sign_in_code", "order_paid", "order_shipped", "refund_done", "withdrawal_paid", "withdrawal_rejected",
    "vouchers_drawn", "coins_ending", "staff_invitation", "sender_ceiling", "seller_licence", "sender_full",
    "application_answered", "case_moved", "buyer_invoice_issued", "shop_invitation", "flash_sale_made", "coupon_given",
    "product_answered", "payee_asked",
    "store_offer", "card_bought", "card_used", "card_low", "card_ending", "card_back", "card_returned",
    "booking_made", "booking_due", "booking_cancelled", "booking_missed",
    "shop_card_sold", "shop_card_returned", "shop_booking_made", "shop_booking_cancelled",
)  # fmt: skip
PLATFORM_KINDS = (
    "sign_in_code", "mall_ready", "mall_failed", "ticket_answered", "invoice_overdue", "mall_restricted",
    "mall_suspended", "launch_item_done", "launch_item_back", "launch_item_expires", "launch_item_expired",
    "plan_exceeded", "plan_grace_over",
)  # fmt: skip


@dataclass(frozen=True)
class TemplateView:
    """A kind of notice with the provider's template for it."""

    kind: str
    text: str  # English msgid
    placeholders: tuple[str, ...]
    template: str = ""
    parameters: str = ""
    approved: bool = False
    detail: str = ""


def sms_kinds() -> tuple[str, ...]:
    """The kinds for which this installation's side needs a template."""
    return PLATFORM_KINDS if settings.ROLE == "control" else MALL_KINDS


def sender(medium: str) -> Sender | None:
    """What is connected. That nothing is is remembered for a while, so that a demo's notices cost no statement."""
    key = none_key(medium)
    if caches["default"].get(key):
        return None
    found = Sender.objects.filter(medium=medium).first()
    if found is None:
        caches["default"].set(key, 1, _NONE_SECONDS)
    return found


def none_key(medium: str) -> str:
    """Where the cache remembers that nothing is connected."""
    return f"sender-none:{medium}"


def template_of(row: Sender, kind: str) -> Template | None:
    """The provider's template of a kind; None: there is none that the provider has approved."""
    stored: dict[str, Any] = row.templates.get(kind) or {}
    if not stored.get("template") or not stored.get("approved"):
        return None
    return Template(stored["template"], tuple(stored["parameters"]))


def template_views(row: Sender | None) -> list[TemplateView]:
    """Every kind that needs a template, with what is stored."""
    found = []
    for kind in sms_kinds():
        stored = (row.templates.get(kind) if row else None) or {}
        found.append(
            TemplateView(
                kind,
                KINDS[kind].body,
                placeholders(kind),
                stored.get("template", ""),
                ", ".join(stored.get("parameters", placeholders(kind))),
                bool(stored.get("approved")),
                stored.get("detail", ""),
            )
        )
    return found


def missing_templates(row: Sender) -> list[str]:
    """The kinds whose messages the provider would not take."""
    if row.provider == Provider.SMTP:
        return []
    return [one.kind for one in template_views(row) if not one.approved]


def month_of(now: dt.datetime) -> str:
    """The calendar month in China: 2026-11."""
    return f"{now.astimezone(CHINA):%Y-%m}"


def day_of(now: dt.datetime) -> str:
    """The day in China: 2026-11-22."""
    return f"{now.astimezone(CHINA):%Y-%m-%d}"


def plan_limit() -> int | None:
    """How many text messages a month the mall's plan allows; None: no limit."""
    found = import_string(settings.PLAN_SMS_LIMIT)() if settings.PLAN_SMS_LIMIT else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def texts_by_day() -> dict[str, int]:
    """How many text messages the last days saw, by ISO day in China."""
    row = sender(Medium.SMS)
    return dict(row.days) if row else {}


def warning(*, now: dt.datetime) -> tuple[int, int, int] | None:
    """(percent, used, ceiling) where the month's text messages have reached a warning; None: they have not."""
    row = sender(Medium.SMS)
    limit = ceiling(row) if row else None
    if row is None or limit is None:
        return None
    used = used_this_month(row, now=now)
    percent = told_at(used=used, ceiling=limit)
    return (percent, used, limit) if percent else None


def used_this_month(row: Sender, *, now: dt.datetime) -> int:
    """How many messages the month has seen."""
    return row.used if row.month == month_of(now) else 0


def ceiling(row: Sender) -> int | None:
    """The lower of the mall's own ceiling and its plan's; None: no limit."""
    limits = [one for one in (row.ceiling, plan_limit()) if one is not None]
    return min(limits) if limits else None


def broken() -> list[Sender]:
    """Connected accounts that did not work when they were tried last."""
    return list(Sender.objects.filter(healthy=False).order_by("medium"))


def can_reach_people(medium: str = Medium.SMS) -> bool:
    """Whether notices of a medium get out here: a working account, or the development mailbox."""
    row = sender(medium)
    return row.healthy if row is not None else mailbox_open()


def notices(*, state: str = "", medium: str = "") -> Any:
    """Notices, newest first."""
    rows = Notice.objects.order_by("-pk")
    if state in list(NoticeState):
        rows = rows.filter(state=state)
    if medium == Medium.SMS:
        rows = rows.exclude(to_phone="")
    elif medium == Medium.EMAIL:
        rows = rows.exclude(to_email="")
    return rows
