"""The gateway of settings.NOTICE_GATEWAYS: a notice leaves by the account that the mall, or the platform, has connected.

Without one the environment's own gateway takes it (settings.NOTICE_FALLBACKS): the mailbox in demonstrations.
"""

import datetime as dt
import importlib

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from saas.identity import limits
from saas.identity.models import User
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import DomainError
from saas.messaging.notices import services as notices
from saas.messaging.notices.gateways import Answer, Found, Message, Receipt, Refused, Stopped, TryLater
from saas.tenants.senders import selectors, services
from saas.tenants.senders.gateways import adapter
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import Medium, Template, counted_day, may_send, reserve_from, told_at


def is_remote(medium: str) -> bool:
    """Whether messages of a medium leave by a provider, who may take seconds."""
    return selectors.sender(medium) is not None


def send(message: Message) -> Receipt | None:
    """Hand a message to the connected provider. Raises TryLater, Refused, Unknown, Stopped."""
    row = selectors.sender(_medium(message))
    if row is None:
        fallback = importlib.import_module(settings.NOTICE_FALLBACKS[_medium(message)])
        fallback.send(message)
        return None
    if row.medium == Medium.EMAIL:
        receipt: Receipt = adapter(row.provider).send(services.account_of(row), message)
        return receipt
    template = selectors.template_of(row, message.kind)
    if template is None:
        raise Refused(_("there is no approved template for this kind of message"))
    return _send_sms(row, message, template)


def ask(message: Message) -> Answer:
    """What became of a message that may have gone out. A medium that cannot be asked says that it knows nothing of it."""
    row = selectors.sender(_medium(message))
    if row is None or row.medium == Medium.EMAIL:
        return Answer(Found.MISSING, detail="")
    answer: Answer = adapter(row.provider).ask(services.account_of(row), message)
    return answer


def _send_sms(row: Sender, message: Message, template: Template) -> Receipt:
    now = clock.real_now()
    _reserve(row, message, now)
    try:
        receipt: Receipt = adapter(row.provider).send(services.account_of(row), message, template)
    except KeyError as error:
        services.give_back(row, now=now)
        raise Refused(f"the template asks for {error}, which this kind does not have") from error
    except (TryLater, Refused):
        services.give_back(row, now=now)
        raise
    return receipt


def _reserve(row: Sender, message: Message, now: dt.datetime) -> None:
    """Count one message of the month, and one to this number. Raises Stopped; then nothing is counted."""
    ceiling, refusal = selectors.ceiling(row), ""
    with transaction.atomic():
        locked = Sender.objects.select_for_update().get(pk=row.pk)
        used = selectors.used_this_month(locked, now=now)
        refusal = _refusal(locked, used=used, essential=message.essential)
        if not refusal:
            if message.is_first and not message.essential:
                _limit_number(message.to_phone, now)
            used += 1
            locked.month, locked.used = selectors.month_of(now), used
            locked.days = counted_day(locked.days, selectors.day_of(now), 1)
        if ceiling is not None:
            _tell(locked, used, ceiling, now)
        locked.save(update_fields=["month", "used", "days", "told_month", "told_percent"])
    if refusal:
        raise Stopped(refusal)


def _refusal(row: Sender, *, used: int, essential: bool) -> str:
    """Why no more may go out this month, by the lower of the two limits; empty: one more may."""
    own, plan = row.ceiling, selectors.plan_limit()
    refused = own is not None and not may_send(used=used, ceiling=own, essential=essential)
    if settings.PLAN_SMS_CHECK:
        kept_back = 0 if essential or plan is None else plan - reserve_from(plan)
        try:
            import_string(settings.PLAN_SMS_CHECK)(used=used, kept_back=kept_back)
        except DomainError:
            if plan is not None and (own is None or plan <= own or not refused):
                return _("the plan’s limit of %(limit)s text messages a month is reached") % {"limit": plan}
    return _("the month’s ceiling of %(ceiling)s text messages is reached") % {"ceiling": own} if refused else ""


def _tell(row: Sender, used: int, ceiling: int, now: dt.datetime) -> None:
    """Tell who looks after it, once a month of each warning."""
    month, percent = selectors.month_of(now), told_at(used=used, ceiling=ceiling)
    if percent > (row.told_percent if row.told_month == month else 0):
        row.told_month, row.told_percent = month, percent
        _tell_staff(month, percent, used, ceiling)


def _limit_number(phone: str, now: dt.datetime) -> None:
    wanted = [limits.Limit("sms_notice.target", phone)]
    try:
        limits.check(wanted, now=now)
    except limits.TooManyAttempts:
        raise Stopped(_("too many messages to this number")) from None
    limits.record(wanted, now=now)


def _tell_staff(month: str, percent: int, used: int, ceiling: int) -> None:
    """A message to every owner of the mall, or of the platform, by mail where there is an address."""
    owners = User.objects.filter(is_staff=True, is_active=True)
    if settings.ROLE == "control":
        owners = owners.filter(is_superuser=True)
    else:
        owners = owners.filter(groups__name=Role.OWNER.value)
    for owner in owners:
        if owner.email or owner.phone:
            notices.send_notice(
                kind="sender_full" if percent >= 100 else "sender_ceiling",
                to_email=owner.email,
                to_phone="" if owner.email else owner.phone or "",
                context={"used": used, "ceiling": ceiling},
                key=f"sender-ceiling:{month}:{percent}:{owner.public_id}",
            )


def _medium(message: Message) -> Medium:
    return Medium.SMS if message.to_phone else Medium.EMAIL
