"""Connecting a provider: tried before it is stored, sealed, never shown again; templates, ceiling, delivery reports."""

import datetime as dt
import hashlib
import json
import secrets as random
from collections.abc import Mapping

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.notices import services as notices
from saas.messaging.notices.gateways import Refused, TryLater, Unknown
from saas.messaging.notices.kinds import placeholders
from saas.tenants.senders import selectors
from saas.tenants.senders.gateways import adapter
from saas.tenants.senders.gateways.contract import Check
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import (
    FIELDS,
    MEDIUM_OF,
    OPTIONAL,
    PORTS,
    SECRETS,
    SECURITY,
    Account,
    Medium,
    Provider,
    Template,
    counted_day,
    parse_parameters,
)
from saas.tenants.vault import services as vault

TABLE = "senders_sender"
MAX_REPORTS = 500


class SenderRefused(DomainError):
    """At least one check failed; `checks` has them all. Nothing was stored."""

    code = "sender_refused"
    http_status = 422
    message = _("These details were not stored: at least one check failed.")

    def __init__(self, checks: list[Check]) -> None:
        self.checks = checks
        super().__init__()


class BadSenderField(InvalidInput):
    """A field is missing or does not have its shape; `field` names it."""

    code = "bad_sender_field"
    message = _("Please fill in “{name}” as the provider shows it.")


class BadTemplate(InvalidInput):
    """A template's parameters name something that this kind of message does not have."""

    code = "bad_sender_template"
    message = _("“{name}” is not known for this kind of message. Possible: {known}.")


class NotConnected(DomainError):
    """No provider is connected for this medium."""

    code = "sender_not_connected"
    message = _("Connect a provider first.")


class SandboxOnly(DomainError):
    """Sandboxes exist outside production only."""

    code = "sandbox_unavailable"
    http_status = 503
    message = _("There is no sandbox here.")


def store_sender(*, provider: Provider, fields: Mapping[str, str], actor: str, now: dt.datetime) -> Sender:
    """Check every field, try the account with the provider, then store it; its secrets sealed. Templates stay.

    Calls the network: not inside a transaction. Raises BadSenderField, SenderRefused.
    """
    account = _account(provider, fields)
    checks = adapter(provider).verify(account)
    if not all(one.passed for one in checks):
        raise SenderRefused(checks)
    medium = MEDIUM_OF[provider]
    with transaction.atomic():
        row = Sender.objects.select_for_update().filter(medium=medium).first()
        if row is None:
            row = Sender(ulid=new_ulid(), medium=medium, report_token=random.token_urlsafe(32))
            _take_up_count(row, now=now)
        if row.provider != provider:
            row.templates = {}  # another provider's numbers mean nothing here
        row.provider, row.values = provider, dict(account.values)
        row.sealed = vault.seal(json.dumps(dict(account.secrets)), table=TABLE, field="sealed", row=row.ulid)
        row.shown = {name: _shown(value) for name, value in account.secrets.items() if value}
        row.healthy, row.detail, row.checked_at, row.changed_at = True, "", now, now
        row.save()
        audit.record(actor, "sender.stored", target=f"sender:{medium}", provider=provider, values=row.values)
    caches["default"].delete(selectors.none_key(medium))
    return row


def check_sender(*, medium: str, actor: str, now: dt.datetime) -> list[Check]:
    """Try the stored account and its templates again, and note how they stand. Raises NotConnected."""
    row = _row(medium)
    account = account_of(row)
    checks: list[Check] = adapter(row.provider).verify(account)
    bad = [one for one in checks if not one.passed]
    templates = _verified(row, account, _stored(row)) if not bad and row.templates else row.templates
    with transaction.atomic():
        Sender.objects.filter(pk=row.pk).update(
            healthy=not bad, detail=bad[0].detail[:200] if bad else "", checked_at=now, templates=templates
        )
        audit.record(actor, "sender.checked", target=f"sender:{medium}", passed=not bad)
    return checks


def change_templates(*, wanted: Mapping[str, tuple[str, str]], actor: str, now: dt.datetime) -> Sender:
    """Which of the provider's templates carries which kind: kind → (its id, its parameters as typed). Empty: none.

    The provider is asked for each; one that is not approved is stored with what it says, and not used.
    Raises NotConnected, BadTemplate, SenderRefused (no answer).
    """
    row = _row(Medium.SMS)
    asked: dict[str, Template] = {}
    for kind in selectors.sms_kinds():
        template, parameters = wanted.get(kind, ("", ""))
        if not template.strip():
            continue
        known = placeholders(kind)
        try:
            asked[kind] = Template(template.strip()[:40], parse_parameters(parameters, known))
        except ValueError as error:
            raise BadTemplate(field=f"parameters_{kind}", name=str(error), known=", ".join(known)) from None
    templates = _verified(row, account_of(row), asked)
    with transaction.atomic():
        Sender.objects.filter(pk=row.pk).update(templates=templates, changed_at=now)
        audit.record(
            actor,
            "sender.templates_changed",
            target="sender:sms",
            templates={kind: one["template"] for kind, one in templates.items()},
        )
    return _row(Medium.SMS)


def change_ceiling(*, ceiling: int | None, actor: str, now: dt.datetime) -> None:
    """How many text messages a month at most; None: only the plan's limit. Raises NotConnected, InvalidInput."""
    if ceiling is not None and not 1 <= ceiling <= 10_000_000:
        raise InvalidInput(str(_("The ceiling is between 1 and 10 000 000.")), field="ceiling")
    with transaction.atomic():
        row = _row(Medium.SMS)
        Sender.objects.filter(pk=row.pk).update(ceiling=ceiling, changed_at=now, told_month="")
        audit.record(actor, "sender.ceiling_changed", target="sender:sms", before=row.ceiling, after=ceiling)


def disconnect_sender(*, medium: str, actor: str, now: dt.datetime) -> None:
    """Forget the account: its secrets are deleted. Raises NotConnected."""
    with transaction.atomic():
        row = _row(medium)
        row.delete()
        audit.record(
            actor, "sender.disconnected", target=f"sender:{medium}", provider=row.provider, month=row.month,
            used=row.used, days=row.days,
        )  # fmt: skip


def _take_up_count(row: Sender, *, now: dt.datetime) -> None:
    """What the month has seen goes on counting, though the account was disconnected in between."""
    before = audit.last_of("sender.disconnected", target=f"sender:{row.medium}")
    if before.get("month") == selectors.month_of(now):
        row.month, row.used, row.days = before["month"], int(before["used"]), dict(before["days"])


def connect_sandbox(*, provider: Provider, actor: str, now: dt.datetime) -> Sender:
    """Connect a provider's sandbox with its standing test account, outside production. Raises SandboxOnly, SenderRefused."""
    if settings.ENVIRONMENT == "production" or provider not in settings.SMS_SANDBOXES:
        raise SandboxOnly
    fields = {"key_id": "sandbox-key", "key_secret": "sandbox-secret", "app_id": "1400000001", "signature": "测试商城"}
    row = store_sender(provider=provider, fields=fields, actor=actor, now=now)
    prefix, first = ("SMS_", 100_001) if provider is Provider.ALIYUN else ("", 200_001)
    wanted = {
        kind: (f"{prefix}{first + number}", ", ".join(placeholders(kind)))
        for number, kind in enumerate(selectors.sms_kinds())
    }
    change_templates(wanted=wanted, actor=actor, now=now)
    return row


def receive_reports(*, provider: str, token: str, content: object, now: dt.datetime) -> dict[str, object]:
    """Delivery reports at the secret address of an account; what the provider wants to hear back.

    Providers do not sign them: they may only say of messages handed over what became of them. Raises NotFound, InvalidInput.
    """
    row = Sender.objects.filter(report_token=token, provider=provider).first()
    if row is None:
        raise NotFound
    module = adapter(provider)
    try:
        found = module.reports(content)[:MAX_REPORTS]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(str(error)) from error
    for one in found:
        notices.note_report(
            provider=provider, provider_id=one.provider_id, delivered=one.delivered, detail=one.detail, now=now
        )
    answer: dict[str, object] = module.REPORT_ANSWER
    return answer


def give_back(row: Sender, *, now: dt.datetime) -> None:
    """Take one message off the month's count: the provider did not take it."""
    with transaction.atomic():
        locked = Sender.objects.select_for_update().get(pk=row.pk)
        if locked.month == selectors.month_of(now) and locked.used:
            locked.used -= 1
            locked.days = counted_day(locked.days, selectors.day_of(now), -1)
            locked.save(update_fields=["used", "days"])


def account_of(row: Sender) -> Account:
    """The account with its secrets opened. Raises Undecryptable."""
    opened = vault.unseal(row.sealed, table=TABLE, field="sealed", row=row.ulid)
    return Account(Provider(row.provider), row.values, json.loads(opened))


def _account(provider: Provider, fields: Mapping[str, str]) -> Account:
    """The typed fields, each in its shape. Raises BadSenderField."""
    typed = {name: fields.get(name, "").strip() for name in FIELDS[provider]}
    for name, value in typed.items():
        if len(value) > 254 or "\n" in value or "\r" in value or (not value and name not in OPTIONAL):
            raise BadSenderField(field=name, name=name)
    if provider is Provider.SMTP:
        if not typed["port"].isdecimal() or int(typed["port"]) not in (PORTS if _strict() else range(1, 65_536)):
            raise BadSenderField(field="port", name="port")
        if typed["security"] not in SECURITY or (_strict() and typed["security"] == "none"):
            raise BadSenderField(field="security", name="security")
        try:
            validate_email(typed["from_email"])
        except ValidationError:
            raise BadSenderField(field="from_email", name="from_email") from None
    if provider is Provider.TENCENT and not typed["app_id"].isdecimal():
        raise BadSenderField(field="app_id", name="app_id")
    plain = {name: value for name, value in typed.items() if name not in SECRETS}
    return Account(provider, plain, {name: value for name, value in typed.items() if name in SECRETS})


def _strict() -> bool:
    return settings.ENVIRONMENT == "production"


def _shown(value: str) -> dict[str, str]:
    return {
        "last4": value[-4:] if len(value) > 8 else "",
        "fingerprint": hashlib.sha256(value.encode()).hexdigest()[:12],
    }


def _row(medium: str) -> Sender:
    row = Sender.objects.filter(medium=medium).first()
    if row is None:
        raise NotConnected
    return row


def _stored(row: Sender) -> dict[str, Template]:
    return {kind: Template(one["template"], tuple(one["parameters"])) for kind, one in row.templates.items()}


def _verified(row: Sender, account: Account, asked: Mapping[str, Template]) -> dict[str, dict[str, object]]:
    try:
        found: dict[str, Check] = adapter(row.provider).verify_templates(account, asked)
    except (TryLater, Unknown, Refused) as error:
        raise SenderRefused([Check("live_call", False, str(error))]) from error
    return {
        kind: {
            "template": one.template,
            "parameters": list(one.parameters),
            "approved": found[kind].passed,
            "detail": found[kind].detail[:200],
        }
        for kind, one in asked.items()
    }
