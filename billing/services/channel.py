"""The platform's own merchant account: entered in the console, checked with the channel, kept sealed, never shown again."""

import datetime as dt
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict

import httpx
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import ChannelCredential
from saas.channels.contract import Account, Check, Gateway
from saas.channels.facts import Purpose
from saas.channels.registry import CHANNELS
from saas.channels.wechat import credentials as wechat
from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.platform import selectors as platform
from saas.tenants.vault import services as vault

TABLE = "billing_channelcredential"
SEALED = {"private_key": "private_key_sealed", "api_key": "api_key_sealed"}
_CACHE_SECONDS = 300
_gateways: dict[str, tuple[float, Gateway]] = {}


class ChannelNotConnected(DomainError):
    """The platform has no merchant account at the channel."""

    code = "channel_not_connected"
    message = _("WeChat Pay is not connected yet. Please pay by bank transfer.")


class CredentialsRefused(DomainError):
    """At least one check failed; `checks` has them all. Nothing was stored."""

    code = "credentials_refused"
    http_status = 422
    message = _("These credentials were not stored: at least one check failed.")

    def __init__(self, checks: list[Check]) -> None:
        self.checks = checks
        super().__init__()


class SandboxUnavailable(DomainError):
    """The sandbox does not answer, or this is production."""

    code = "sandbox_unavailable"
    http_status = 503
    message = _("The payment sandbox is not available here.")


def store_credentials(
    *, fields: Mapping[str, str], actor: str, now: dt.datetime, channel: str = "wechat"
) -> ChannelCredential:
    """Check every field, ask the channel, then store sealed; the ones before are retired but serve what they began.

    `fields` as channels.wechat.credentials.FIELDS. Calls the network: not inside a transaction. Raises CredentialsRefused.
    """
    account, checks = wechat.check_fields({**fields, "app_secret": ""}, now)
    if account is None:
        raise CredentialsRefused(checks)
    checks += CHANNELS[channel](account, Purpose.LIVE).verify_credentials(now)
    if not all(check.passed for check in checks):
        raise CredentialsRefused(checks)
    with transaction.atomic():
        retired = ChannelCredential.objects.filter(channel=channel, active=True).update(active=False)
        row = ChannelCredential(
            ulid=new_ulid(),
            channel=channel,
            notify_token=secrets.token_urlsafe(32),
            merchant_id=account.merchant_id,
            app_id=account.app_id,
            certificate_serial=account.certificate_serial,
            platform_key_id=account.platform_key_id,
            platform_key=account.platform_key,
            shown={},
            checks=[asdict(check) for check in checks],
            checked_at=now,
            created_at=now,
            created_by=actor,
        )
        for name, field in SEALED.items():
            secret = getattr(account, name)
            setattr(row, field, vault.seal(secret, table=TABLE, field=field, row=row.ulid))
            row.shown[name] = _shown(secret)
        row.save(force_insert=True)
        action = "platform.credentials_rotated" if retired else "platform.credentials_stored"
        audit.record(actor, action, target=f"credential:{row.ulid}", merchant_id=row.merchant_id, app_id=row.app_id)
    return row


def check_credentials(*, actor: str, now: dt.datetime, channel: str = "wechat") -> list[Check]:
    """Ask the channel again whether the stored account works, and keep the answer. Raises ChannelNotConnected."""
    row = active_credential(channel)
    checks = gateway_of(row).verify_credentials(now)
    with transaction.atomic():
        ChannelCredential.objects.filter(pk=row.pk).update(checks=[asdict(check) for check in checks], checked_at=now)
        audit.record(actor, "platform.credentials_checked", target=f"credential:{row.ulid}")
    return checks


def connect_sandbox(*, actor: str, now: dt.datetime) -> ChannelCredential:
    """Open an account for the platform at the sandbox; outside production only. Raises SandboxUnavailable."""
    if settings.ENVIRONMENT == "production":
        raise SandboxUnavailable
    url = f"{settings.SANDBOX_ORIGIN.rstrip('/')}/_sandbox/merchants"
    try:
        reply = httpx.post(url, json={"name": platform.profile().company}, timeout=4.5, trust_env=False)
        reply.raise_for_status()
        fields = reply.json()
    except (httpx.HTTPError, ValueError):
        raise SandboxUnavailable from None
    return store_credentials(fields=fields, actor=actor, now=now)


def active_credential(channel: str = "wechat") -> ChannelCredential:
    """The account that collects now. Raises ChannelNotConnected."""
    row = ChannelCredential.objects.filter(channel=channel, active=True).first()
    if row is None:
        raise ChannelNotConnected
    return row


def credential_by_token(channel: str, token: str) -> ChannelCredential:
    """Whose notices come to an address. Raises NotFound."""
    row = ChannelCredential.objects.filter(channel=channel, notify_token=token).first()
    if row is None:
        raise NotFound
    return row


def gateway_of(row: ChannelCredential) -> Gateway:
    """The adapter for stored credentials; kept for a while, since opening keys costs more than using them."""
    known = _gateways.get(row.ulid)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    opened = {
        name: vault.unseal(getattr(row, field), table=TABLE, field=field, row=row.ulid)
        for name, field in SEALED.items()
    }
    account = Account(
        merchant_id=row.merchant_id,
        app_id=row.app_id,
        certificate_serial=row.certificate_serial,
        platform_key_id=row.platform_key_id,
        platform_key=row.platform_key,
        **opened,
    )
    gateway = CHANNELS[row.channel](account, Purpose.LIVE)
    _gateways[row.ulid] = (time.monotonic() + _CACHE_SECONDS, gateway)
    return gateway


def _shown(secret: str) -> dict[str, str]:
    text = "".join(line for line in secret.splitlines() if "-----" not in line)
    return {"last4": text[-4:], "fingerprint": hashlib.sha256(secret.encode()).hexdigest()[:16]}
