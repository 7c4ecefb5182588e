"""From stored credentials to a ready adapter. Opened secrets live in this process's memory only, for five minutes."""

import hashlib
import time

from django.utils.translation import gettext_lazy as _

from saas.channels.contract import Account, Gateway
from saas.channels.registry import CHANNELS
from saas.kernel.errors import DomainError
from saas.kernel.prepared import PreparedRead
from saas.tenants.malls.activation import active_mall
from saas.tenants.vault import services as vault
from tenant_apps.payments.models import ChannelCredential
from tenant_apps.payments.rules import Purpose
from tenant_apps.payments.selectors import purpose_of
from tenant_apps.payments.services.world_time import in_the_world

TABLE = "payments_channelcredential"
SEALED = {"private_key": "private_key_sealed", "api_key": "api_key_sealed", "app_secret": "app_secret_sealed"}
_CACHE_SECONDS = 300
_gateways: dict[tuple[str, str], tuple[float, Gateway]] = {}


_ACTIVE = PreparedRead(
    lambda channel, purpose: ChannelCredential.objects.filter(channel=channel, purpose=purpose, active=True),
    channel="?channel",
    purpose="?purpose",
)


class ChannelNotReady(DomainError):
    """The mall has no credentials for the channel in its present state (rehearsal: sandbox; open: its own account)."""

    code = "channel_not_ready"
    http_status = 409
    message = _("This mall cannot take payments yet: no payment channel is connected.")


def active_credential(channel: str = "wechat") -> ChannelCredential:
    """The credentials with which the active mall pays now. Raises ChannelNotReady."""
    purpose = purpose_of(active_mall())
    row = _ACTIVE.first(channel=channel, purpose=purpose.value)
    if row is None:
        raise ChannelNotReady
    return row


def account_of(row: ChannelCredential) -> Account:
    """The merchant account with its secrets opened. Raises Undecryptable."""
    opened = {
        name: vault.unseal(getattr(row, field), table=TABLE, field=field, row=row.ulid) if getattr(row, field) else ""
        for name, field in SEALED.items()
    }
    return Account(
        merchant_id=row.merchant_id,
        app_id=row.app_id,
        certificate_serial=row.certificate_serial,
        platform_key_id=row.platform_key_id,
        platform_key=row.platform_key,
        **opened,
    )


def gateway_of(row: ChannelCredential) -> Gateway:
    """The adapter for stored credentials; kept for a while, since opening keys costs more than using them."""
    key = (active_mall().ulid, row.ulid)
    known = _gateways.get(key)
    if known is not None and known[0] > time.monotonic():
        return in_the_world(known[1])
    gateway = CHANNELS[row.channel](account_of(row), Purpose(row.purpose))
    if len(_gateways) > 2000:
        _gateways.clear()
    _gateways[key] = (time.monotonic() + _CACHE_SECONDS, gateway)
    return in_the_world(gateway)


def ledger_account(row: ChannelCredential) -> str:
    """`channel.<name>`: where the channel's money stands. Rehearsal money is not the mall's and stands apart."""
    return f"channel.{row.channel}" if row.purpose == Purpose.LIVE else "channel.rehearsal"


def shown_form(secret: str) -> dict[str, str]:
    """All that is ever shown of a secret: last four characters of its text and its SHA-256 fingerprint."""
    text = "".join(line for line in secret.splitlines() if "-----" not in line)
    return {"last4": text[-4:], "fingerprint": hashlib.sha256(secret.encode()).hexdigest()[:16]}
