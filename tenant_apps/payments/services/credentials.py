"""Entering, checking and rotating the credentials of a mall's merchant account. They are stored only if they work."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import asdict

import httpx
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.channels.contract import Account, Check
from saas.channels.registry import CHANNELS
from saas.channels.wechat import credentials as wechat
from saas.identity import audit
from saas.kernel import clock
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls.activation import active_mall
from saas.tenants.vault import services as vault
from tenant_apps.payments.models import ChannelCredential
from tenant_apps.payments.rules import Purpose
from tenant_apps.payments.services import accounts

_sandbox = httpx.Client(timeout=4.5, trust_env=False)


class CredentialsRefused(DomainError):
    """At least one check failed; `checks` has them all. Nothing was stored."""

    code = "credentials_refused"
    http_status = 422
    message = _("These credentials were not stored: at least one check failed.")

    def __init__(self, checks: list[Check]) -> None:
        self.checks = checks
        super().__init__()


class SandboxUnavailable(DomainError):
    """The sandbox does not answer, or may not be used for this."""

    code = "sandbox_unavailable"
    http_status = 503
    message = _("The payment sandbox is not available here.")


def store_credentials(
    *, actor: str, purpose: Purpose, fields: Mapping[str, str], now: dt.datetime, channel: str = "wechat"
) -> ChannelCredential:
    """Check every field, ask the channel, then store sealed; earlier ones are retired but still serve what they began.

    `fields` as channels.wechat.credentials.FIELDS. Raises CredentialsRefused with the result of each check. Calls the
    network: not inside a transaction.
    """
    account, checks = wechat.check_fields(fields, clock.to_real(now))
    if account is None:
        raise CredentialsRefused(checks)
    checks += CHANNELS[channel](account, purpose).verify_credentials(clock.to_real(now))
    if not all(check.passed for check in checks):
        raise CredentialsRefused(checks)
    with transaction.atomic():
        retired = ChannelCredential.objects.filter(channel=channel, purpose=purpose, active=True).update(active=False)
        row = _sealed_row(account, actor=actor, channel=channel, purpose=purpose, checks=checks, now=now)
        row.save(force_insert=True)
        audit.record(
            actor,
            "payment.credentials_rotated" if retired else "payment.credentials_stored",
            target=f"credential:{row.ulid}",
            purpose=purpose,
            merchant_id=row.merchant_id,
            app_id=row.app_id,
        )
    return row


def check_credentials(*, actor: str, purpose: Purpose, now: dt.datetime, channel: str = "wechat") -> list[Check]:
    """Ask the channel again whether the stored credentials work, and keep the answer. Raises NotFound."""
    row = ChannelCredential.objects.filter(channel=channel, purpose=purpose, active=True).first()
    if row is None:
        raise NotFound
    checks = accounts.gateway_of(row).verify_credentials(now)
    with transaction.atomic():
        ChannelCredential.objects.filter(pk=row.pk).update(checks=[asdict(check) for check in checks], checked_at=now)
        audit.record(actor, "payment.credentials_checked", target=f"credential:{row.ulid}")
    return checks


def connect_sandbox(*, actor: str, now: dt.datetime, purpose: Purpose = Purpose.REHEARSAL) -> ChannelCredential:
    """Open a merchant account at the sandbox for the active mall and store its credentials as a person would.

    With purpose LIVE it stands in for a real account: outside production only. Raises SandboxUnavailable.
    """
    if settings.ENVIRONMENT == "production" and purpose is Purpose.LIVE:
        raise SandboxUnavailable
    url = f"{settings.SANDBOX_ORIGIN.rstrip('/')}/_sandbox/merchants"
    try:
        reply = _sandbox.post(url, json={"name": active_mall().name})
        reply.raise_for_status()
        fields = reply.json()
    except (httpx.HTTPError, ValueError):
        raise SandboxUnavailable from None
    return store_credentials(actor=actor, purpose=purpose, fields=fields, now=now)


def forget_all() -> int:
    """In a mall made from another one's rows: no credentials, and notify addresses of its own. How many rows lost theirs."""
    with transaction.atomic():
        rows = list(ChannelCredential.objects.select_for_update().order_by("pk"))
        for row in rows:
            ChannelCredential.objects.filter(pk=row.pk).update(
                active=False,
                notify_token=secrets.token_urlsafe(32),
                shown={},
                checks=[],
                **dict.fromkeys(accounts.SEALED.values(), ""),
            )
    return len(rows)


def _sealed_row(
    account: Account, *, actor: str, channel: str, purpose: Purpose, checks: list[Check], now: dt.datetime
) -> ChannelCredential:
    row = ChannelCredential(
        ulid=new_ulid(),
        channel=channel,
        purpose=purpose,
        notify_token=secrets.token_urlsafe(32),
        merchant_id=account.merchant_id,
        app_id=account.app_id,
        certificate_serial=account.certificate_serial,
        platform_key_id=account.platform_key_id,
        platform_key=account.platform_key,
        shown={},
        checks=[asdict(check) for check in checks],
        checked_at=now,
        created_by=actor,
    )
    for name, field in accounts.SEALED.items():
        secret = getattr(account, name)
        if secret:
            setattr(row, field, vault.seal(secret, table=accounts.TABLE, field=field, row=row.ulid))
            row.shown[name] = accounts.shown_form(secret)
    return row
