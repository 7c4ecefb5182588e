"""E-mail by SMTP with Django's backend, over a connection that outside of tests and demos leads to public addresses only."""

import ipaddress
import smtplib
import socket
from collections.abc import Mapping
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from saas.messaging.notices.gateways import Message, Receipt, Refused, TryLater
from saas.tenants.senders.gateways.contract import TIMEOUT_SECONDS, Check
from saas.tenants.senders.rules import Account, Provider, Template


class PrivateAddress(OSError):
    """The host leads into a private network: nothing is sent there (SSRF)."""


def public_address(host: str, port: int) -> str:
    """An address of the host that the whole internet may reach. Raises PrivateAddress, OSError."""
    found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if settings.ENVIRONMENT == "production" and not all(ipaddress.ip_address(one).is_global for one in found):
        raise PrivateAddress(host)
    return found[0]


class _Guarded:
    """Connects to the very address that was looked at: a name that changes its mind in between gains nothing."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return super()._get_socket(public_address(host, port), port, timeout)  # type: ignore[misc]


class _Plain(_Guarded, smtplib.SMTP):
    pass


class _Tls(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        plain = socket.create_connection((public_address(host, port), port), timeout, self.source_address)  # type: ignore[attr-defined]
        return self.context.wrap_socket(plain, server_hostname=self._host)  # type: ignore[attr-defined]


class Backend(EmailBackend):
    """Django's, with the guarded connection."""

    @property
    def connection_class(self) -> Any:  # type: ignore[override]
        return _Tls if self.use_ssl else _Plain


def verify(account: Account) -> list[Check]:
    """Connect, log in, and leave again."""
    backend = _backend(account)
    try:
        backend.open()
        backend.close()
    except PrivateAddress:
        return [Check("host", False, "This host leads into a private network.")]
    except smtplib.SMTPAuthenticationError:
        return [Check("host", True), Check("password", False, "The server does not take this user and password.")]
    except (OSError, smtplib.SMTPException) as error:
        return [Check("host", False, f"{type(error).__name__}: {error}"[:160])]
    return [Check("host", True), Check("password", True)]


def verify_templates(account: Account, templates: Mapping[str, Template]) -> dict[str, Check]:
    """Mail carries our own text."""
    return {}


def send(account: Account, message: Message, template: Template | None = None) -> Receipt:
    """Hand one e-mail to the server. The Message-ID is the notice's: a repeated one is the same mail to whoever gets it."""
    values = account.values
    number = f"<{message.ulid}@{values['from_email'].partition('@')[2]}>"
    email = EmailMessage(
        message.subject,
        message.body,
        from_email=formataddr((values.get("from_name", ""), values["from_email"])),
        to=[message.to_email],
        headers={"Message-ID": number, "X-Notice": message.ulid},
        connection=_backend(account),
    )
    try:
        email.send()
    except PrivateAddress as error:
        raise Refused("private address") from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if codes and all(code < 500 for code in codes):
            raise TryLater(f"recipient later {codes[0]}") from error
        raise Refused("recipient refused") from error
    except smtplib.SMTPAuthenticationError as error:
        raise TryLater("the server does not take our password") from error  # mended in the settings, then it goes out
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= 500:
            raise Refused(f"server says {error.smtp_code}") from error
        raise TryLater(f"server says {error.smtp_code}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(type(error).__name__) from error
    return Receipt(Provider.SMTP, number, "")


def _backend(account: Account) -> Backend:
    values, security = account.values, account.values["security"]
    return Backend(
        host=values["host"],
        port=int(values["port"]),
        username=values.get("user", ""),
        password=account.secrets.get("password", ""),
        use_tls=security == "starttls",
        use_ssl=security == "tls",
        timeout=TIMEOUT_SECONDS,
    )
