"""The gateway of settings.NOTICE_GATEWAYS: a notice leaves by the account that the mall, or the platform, has connected.

Without one the environment's own gateway takes it (settings.NOTICE_FALLBACKS): the mailbox in demonstrations.
"""

import datetime as dt
import importlib

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from saas.identity import limits
from saas.identity.models import User
from saas.identity.roles import Role
from saas.kernel import clock
from saas.messaging.notices import services as notices
from saas.messaging.notices.gateways import Answer, Found, Message, Receipt, Refused, Stopped, TryLater
from saas.tenants.senders import selectors, services
from saas.tenants.senders.gateways import adapter
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import Medium, Template, may_send, reserve_from


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
    ceiling, kept = selectors.ceiling(row), False
    with transaction.atomic():
        locked = Sender.objects.select_for_update().get(pk=row.pk)
        used = selectors.used_this_month(locked, now=now)
        if may_send(used=used, ceiling=ceiling, essential=message.essential):
            if message.is_first and not message.essential:
                _limit_number(message.to_phone, now)
            kept = True
            locked.month, locked.used = selectors.month_of(now), used + 1
        if (
            ceiling is not None
            and locked.told_month != selectors.month_of(now)
            and used + kept >= reserve_from(ceiling)
        ):
            locked.told_month = selectors.month_of(now)
            _tell_staff(locked.told_month, used + kept, ceiling)
        locked.save(update_fields=["month", "used", "told_month"])
    if not kept:
        raise Stopped(_("the month’s ceiling of %(ceiling)s text messages is reached") % {"ceiling": ceiling})


def _limit_number(phone: str, now: dt.datetime) -> None:
    wanted = [limits.Limit("sms_notice.target", phone)]
    try:
        limits.check(wanted, now=now)
    except limits.TooManyAttempts:
        raise Stopped(_("too many messages to this number")) from None
    limits.record(wanted, now=now)


def _tell_staff(month: str, used: int, ceiling: int) -> None:
    """A message to every owner of the mall, by mail where there is an address; operators read it on their start page."""
    if settings.ROLE == "control":
        return
    for owner in User.objects.filter(groups__name=Role.OWNER.value, is_staff=True, is_active=True):
        if owner.email or owner.phone:
            notices.send_notice(
                kind="sender_ceiling",
                to_email=owner.email,
                to_phone="" if owner.email else owner.phone or "",
                context={"used": used, "ceiling": ceiling},
                key=f"sender-ceiling:{month}:{owner.public_id}",
            )


def _medium(message: Message) -> Medium:
    return Medium.SMS if message.to_phone else Medium.EMAIL
