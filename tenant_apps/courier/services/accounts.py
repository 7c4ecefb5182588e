"""The mall's account at a courier service: tried before it is stored, its secret sealed, one in force at a time."""

import datetime as dt
import secrets
from collections.abc import Mapping

import httpx
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.channels.contract import ChannelError
from saas.channels.facts import ErrorClass, Purpose
from saas.identity import audit
from saas.kernel import clock
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls.activation import active_mall
from saas.tenants.vault import services as vault
from tenant_apps.courier.gateways import Account, Courier, service
from tenant_apps.courier.models import CourierAccount
from tenant_apps.courier.rules import Provider
from tenant_apps.payments.selectors import purpose_of

TABLE, FIELD = "courier_courieraccount", "app_secret_sealed"
_LENGTHS = {"app_key": 64, "source_id": 32, "app_secret": 64}


class AccountRefused(DomainError):
    """The service does not accept these credentials, or gave no answer; nothing was stored."""

    code = "courier_account_refused"
    http_status = 422
    message = _("Dada does not accept this account: {why}. Nothing was stored.")  # type: ignore[assignment]


class CourierNotReady(DomainError):
    """No courier service is connected, or the store has no number there."""

    code = "courier_not_ready"
    message = _(
        "No courier service is connected for this store. Its number at the service is entered with the account."
    )  # type: ignore[assignment]


def store_account(
    *,
    fields: Mapping[str, str],
    shops: Mapping[str, str],
    actor: str,
    now: dt.datetime,
    provider: Provider = Provider.DADA,
) -> CourierAccount:
    """Try an account and store it sealed; an earlier one still answers for the errands it began.

    `fields`: app_key, source_id, app_secret (empty: the stored one stays). `shops`: seller ULID → number at the service.
    Raises InvalidInput naming the field, AccountRefused. Calls the network: not inside a transaction.
    """
    earlier = active(provider)
    values = {name: fields.get(name, "").strip() for name in _LENGTHS}
    if not values["app_secret"] and earlier is not None:
        values["app_secret"] = _opened(earlier).app_secret
    for name, most in _LENGTHS.items():
        if not 1 <= len(values[name]) <= most or not values[name].isascii() or not values[name].isprintable():
            raise InvalidInput(
                gettext("Copy this field from the service's developer page, without spaces."), field=name
            )
    numbers = {ulid: number.strip() for ulid, number in shops.items() if number.strip()}
    if any(len(number) > 40 for number in numbers.values()):
        raise InvalidInput(gettext("A shop's number at the service has up to 40 characters."), field="shops")
    account = Account(values["app_key"], values["source_id"], values["app_secret"])
    purpose = purpose_of(active_mall())
    try:
        service(provider, account, live=purpose is Purpose.LIVE).verify(clock.to_real(now))
    except ChannelError as error:
        raise AccountRefused(why=error.detail or error.code, field="app_secret") from None
    row = CourierAccount(
        ulid=new_ulid(),
        provider=provider,
        purpose=purpose,
        notify_token=secrets.token_urlsafe(32),
        app_key=account.app_key,
        source_id=account.source_id,
        shown={"last4": account.app_secret[-4:]},
        shops=numbers,
        created_at=now,
        created_by=actor,
    )
    with transaction.atomic():
        CourierAccount.objects.filter(provider=provider, purpose=purpose, active=True).update(active=False)
        row.app_secret_sealed = vault.seal(account.app_secret, table=TABLE, field=FIELD, row=row.ulid)
        row.save(force_insert=True)
        audit.record(actor, "courier.stored", target=f"courier:{row.ulid}", source=row.source_id, shops=numbers)
    return row


def connect_sandbox(*, shops: Mapping[str, str], actor: str, now: dt.datetime) -> CourierAccount:
    """Open an account at the sandbox and store it as a person would; outside production, or before the mall opens.

    Raises AccountRefused where the sandbox does not answer.
    """
    if settings.ENVIRONMENT == "production":
        raise NotFound
    try:
        reply = httpx.post(
            f"{settings.COURIER_SANDBOX_ORIGIN.rstrip('/')}/_sandbox/accounts",
            json={"name": active_mall().name},
            timeout=4.5,
            trust_env=False,
        )
        fields = reply.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        raise AccountRefused(why=gettext("the sandbox does not answer")) from None
    return store_account(fields=fields, shops=shops, actor=actor, now=now)


def disconnect(*, actor: str, provider: Provider = Provider.DADA) -> None:
    """Call this service no more; errands under way are followed to their end. Raises NotFound."""
    with transaction.atomic():
        row = active(provider)
        if row is None:
            raise NotFound
        CourierAccount.objects.filter(pk=row.pk).update(active=False)
        audit.record(actor, "courier.retired", target=f"courier:{row.ulid}")


def ready_account(store_ulid: str, provider: Provider = Provider.DADA) -> CourierAccount:
    """The account by which a store's goods are carried now. Raises CourierNotReady."""
    row = active(provider)
    if row is None or not row.shops.get(store_ulid):
        raise CourierNotReady
    return row


def gateway_of(row: CourierAccount) -> Courier:
    """The adapter of a stored account."""
    return service(row.provider, _opened(row), live=row.purpose == Purpose.LIVE)


def why_of(error: ChannelError) -> str:
    """What a service answered, for people: its own words where it gave some."""
    if error.kind is ErrorClass.UNKNOWN:
        return gettext("no clear answer")
    return error.detail or error.code


def active(provider: Provider) -> CourierAccount | None:
    """The account in force at a service."""
    purpose = purpose_of(active_mall())
    rows = CourierAccount.objects.filter(provider=provider, purpose=purpose, active=True)
    return rows.exclude(app_secret_sealed="").first()  # in a mall made from a backup it is left behind


def secret_of(row: CourierAccount) -> str:
    """The opened secret of a stored account: never logged, never shown."""
    return vault.unseal(row.app_secret_sealed, table=TABLE, field=FIELD, row=row.ulid)


def _opened(row: CourierAccount) -> Account:
    return Account(row.app_key, row.source_id, secret_of(row))
