"""What the plan counts in a mall: staff, products, files, text messages and traffic by day. Checked where used, reported to control as facts."""

import datetime as dt

from django.core.cache import caches
from django.db import transaction

from saas.identity.models import Invitation, User
from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.malls import limits, traffic
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.storage import stored_bytes
from saas.tenants.senders import selectors as senders
from tenant_apps.catalog import selectors as catalog

_FILES_SECONDS = 6 * 3600  # a bucket is listed for it
_TRAFFIC_SECONDS = 3600


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
    """Tell control how many there are, if it has changed since it was told; text messages by the day they went out,
    traffic by the day, at most hourly. Days and instants are the world's, whatever a rehearsal's clock shows."""
    for feature, used in {"staff_max": staff_count(now=now), "products_max": catalog.product_count()}.items():
        _report(feature, used)
    for day, used in senders.texts_by_day().items():
        _report("sms_month_max", used, date=day)
    if _first_for("traffic", _TRAFFIC_SECONDS):
        yesterday = clock.china_date(clock.real_now()) - dt.timedelta(days=1)
        for date, size in traffic.by_day(active_mall(), since=yesterday).items():
            _report("traffic_bytes", size, date=date.isoformat())
    if _first_for("files", _FILES_SECONDS):
        _report("storage_bytes", stored_bytes(active_mall().ulid))


def _first_for(what: str, seconds: int) -> bool:
    """Whether this was not done in the last so many seconds."""
    return bool(caches["default"].add(f"usage-counted:{what}", 1, seconds))


def _report(feature: str, used: int, **more: str) -> None:
    told = f"usage-told:{feature}:{more.get('date', '')}"
    if caches["default"].get(told) == used:
        return
    with transaction.atomic():
        fact = {"feature": feature, "used": used, "at": clock.real_now().isoformat(), **more}
        bus.publish("usage.counted", fact, key=new_ulid(), destination=bus.CONTROL)
    caches["default"].set(told, used, 6 * 3600)
