"""The mall's account at a tracking service: tried before it is stored, its key sealed, one in force at a time."""

import datetime as dt
import secrets

import httpx
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.channels.contract import ChannelError
from saas.channels.facts import Purpose
from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls.activation import active_mall
from saas.tenants.vault import services as vault
from tenant_apps.courier.gateways import Tracker, tracker
from tenant_apps.courier.models import CourierAccount
from tenant_apps.courier.rules import Provider
from tenant_apps.courier.services import accounts
from tenant_apps.payments.selectors import purpose_of


class TrackerRefused(DomainError):
    """The service does not accept these credentials, or gave no answer; nothing was stored."""

    code = "tracker_refused"
    http_status = 422
    message = _("Kuaidi100 does not accept this account: {why}. Nothing was stored.")  # type: ignore[assignment]


def store_tracker(*, customer: str, key: str, actor: str, now: dt.datetime) -> CourierAccount:
    """Try an account of the tracking service and store it sealed; an earlier one still takes the pushes it asked for.

    `key` empty: the stored one stays. Raises InvalidInput (customer, key), TrackerRefused. Calls the network: not inside
    a transaction.
    """
    earlier = active_tracker()
    customer, key = customer.strip(), key.strip()
    if not key and earlier is not None:
        key = accounts.secret_of(earlier)
    for name, value in (("customer", customer), ("key", key)):
        if not 1 <= len(value) <= 64 or not value.isascii() or not value.isprintable() or " " in value:
            raise InvalidInput(gettext("Copy this field from the service's account page, without spaces."), field=name)
    purpose = purpose_of(active_mall())
    try:
        tracker(Provider.KUAIDI100, customer, key, live=purpose is Purpose.LIVE).verify()
    except ChannelError as error:
        raise TrackerRefused(why=accounts.why_of(error), field="key") from None
    row = CourierAccount(
        ulid=new_ulid(),
        provider=Provider.KUAIDI100,
        purpose=purpose,
        notify_token=secrets.token_urlsafe(32),
        app_key=customer,
        shown={"last4": key[-4:]},
        created_at=now,
        created_by=actor,
    )
    with transaction.atomic():
        CourierAccount.objects.filter(provider=Provider.KUAIDI100, purpose=purpose, active=True).update(active=False)
        row.app_secret_sealed = vault.seal(key, table=accounts.TABLE, field=accounts.FIELD, row=row.ulid)
        row.save(force_insert=True)
        audit.record(actor, "tracker.stored", target=f"courier:{row.ulid}", customer=customer)
    return row


def connect_tracking_sandbox(*, actor: str, now: dt.datetime) -> CourierAccount:
    """Open an account at the sandbox and store it as a person would; outside production, or before the mall opens.

    Raises TrackerRefused where the sandbox does not answer.
    """
    if settings.ENVIRONMENT == "production":
        raise NotFound
    try:
        address = f"{settings.COURIER_SANDBOX_ORIGIN.rstrip('/')}/_sandbox/tracking/accounts"
        reply = httpx.post(address, json={"name": active_mall().name}, timeout=4.5, trust_env=False)
        found = reply.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        raise TrackerRefused(why=gettext("the sandbox does not answer")) from None
    return store_tracker(customer=found["customer"], key=found["key"], actor=actor, now=now)


def active_tracker() -> CourierAccount | None:
    """The account by which parcels are followed now."""
    return accounts.active(Provider.KUAIDI100)


def gateway_of(row: CourierAccount) -> Tracker:
    """The adapter of a stored account."""
    return tracker(row.provider, row.app_key, accounts.secret_of(row), live=row.purpose == Purpose.LIVE)
