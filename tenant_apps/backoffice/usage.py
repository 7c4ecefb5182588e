"""What the plan counts in a mall: staff, products, text messages by day. Checked where used, reported to control as facts."""

import datetime as dt

from django.core.cache import caches
from django.db import transaction

from saas.identity.models import Invitation, User
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.malls import limits
from saas.tenants.senders import selectors as senders
from tenant_apps.catalog import selectors as catalog


def staff_count(*, now: dt.datetime) -> int:
    """People who may enter the back office, and those who are invited."""
    people = User.objects.filter(is_staff=True, is_active=True).count()
    return people + Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now).count()


def check_staff(*, now: dt.datetime) -> None:
    """Raise unless one more person may be invited (saas.tenants.malls.limits)."""
    limits.check("staff_max", used=lambda: staff_count(now=now))


def check_product() -> None:
    """Raise unless one more product may be made."""
    limits.check("products_max", used=catalog.product_count)


def report_counts(*, now: dt.datetime) -> None:
    """Tell control how many there are, if it has changed since it was told; text messages by the day they went out."""
    for feature, used in {"staff_max": staff_count(now=now), "products_max": catalog.product_count()}.items():
        _report(feature, used, now=now)
    for day, used in senders.texts_by_day().items():
        _report("sms_month_max", used, now=now, date=day)


def _report(feature: str, used: int, *, now: dt.datetime, **more: str) -> None:
    told = f"usage-told:{feature}:{more.get('date', '')}"
    if caches["default"].get(told) == used:
        return
    with transaction.atomic():
        fact = {"feature": feature, "used": used, "at": now.isoformat(), **more}
        bus.publish("usage.counted", fact, key=new_ulid(), destination=bus.CONTROL)
    caches["default"].set(told, used, 6 * 3600)
