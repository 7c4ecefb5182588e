"""What the pages of senders and notices share: the operators' console and each mall's back office show the same."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from saas.kernel.errors import InvalidInput, NotFound
from saas.messaging.notices import services as notices
from saas.messaging.notices.kinds import KINDS
from saas.messaging.notices.models import Notice
from saas.messaging.notices.rules import NoticeState
from saas.tenants.senders import selectors, services, words
from saas.tenants.senders.gateways.contract import Check
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import FIELDS, OPTIONAL, SECRETS, SECURITY, Medium, Provider, reserve_from

_AGAIN = frozenset({NoticeState.FAILED, NoticeState.STOPPED, NoticeState.UNKNOWN})


def provider_form(provider: Provider, data: Mapping[str, Any] | None, row: Sender | None) -> forms.Form:
    """A provider's form. Secrets are never put back into the page, not even after a refusal."""
    form = forms.Form(data, initial=row.values if row is not None and row.provider == provider else {"port": "587"})
    for name in FIELDS[provider]:
        form.fields[name] = _field(name)
    if data is not None:
        form.full_clean()  # with what was typed; then the secrets go
        form.data = {name: value for name, value in data.items() if name not in SECRETS}  # type: ignore[assignment]
    return form


def _field(name: str) -> forms.Field:
    label, required, help_text = words.FIELDS[name], name not in OPTIONAL, words.HELP.get(name, "")
    if name == "security":
        return forms.ChoiceField(
            label=label, choices=[(one, words.SECURITY[one]) for one in SECURITY], help_text=help_text
        )
    widget = forms.PasswordInput if name in SECRETS else forms.TextInput
    return forms.CharField(
        label=label,
        required=required,
        max_length=254,
        help_text=help_text,
        widget=widget(attrs={"autocomplete": "off"}),
    )


def check_words(checks: list[Check]) -> list[tuple[Any, bool, str]]:
    """Checks as a page shows them."""
    return [(words.FIELDS.get(one.name, one.name), one.passed, _(one.detail) if one.detail else "") for one in checks]


def overview(request: HttpRequest, space: str, *, now: dt.datetime) -> dict[str, Any]:
    """What is connected, with templates and the month's use. `space`: the site's namespace of addresses."""
    rows = {row.medium: row for row in Sender.objects.all()}
    sms = rows.get(Medium.SMS)
    ceiling = selectors.ceiling(sms) if sms else None
    return {
        "space": space,
        "media": [
            (medium, words.MEDIA[medium], _shown(rows.get(medium), request), _offered(medium)) for medium in Medium
        ],
        "sms": sms,
        "templates": [(one, words.KINDS[one.kind], _(one.text)) for one in selectors.template_views(sms)]
        if sms
        else [],
        "used": selectors.used_this_month(sms, now=now) if sms else 0,
        "ceiling": ceiling,
        "reserve": reserve_from(ceiling) if ceiling is not None else None,
        "sandboxes": [] if settings.ENVIRONMENT == "production" else [(one, words.PROVIDERS[one]) for one in _sms()],
        "mailbox": notices.mailbox_open(),
    }


def _sms() -> tuple[Provider, ...]:
    return (Provider.ALIYUN, Provider.TENCENT)


def _offered(medium: str) -> list[tuple[Provider, Any]]:
    return [(one, words.PROVIDERS[one]) for one in (_sms() if medium == Medium.SMS else (Provider.SMTP,))]


def _shown(row: Sender | None, request: HttpRequest) -> dict[str, Any] | None:
    if row is None:
        return None
    values = [(words.FIELDS[name], value) for name, value in row.values.items() if value]
    address = reverse("sms_reports", args=[row.provider, row.report_token]) if row.medium == Medium.SMS else ""
    return {
        "provider": words.PROVIDERS[row.provider],
        "values": values,
        "secrets": [(words.FIELDS[name], one) for name, one in row.shown.items()],
        "healthy": row.healthy,
        "detail": _(row.detail) if row.detail else "",
        "checked_at": row.checked_at,
        "reports": request.build_absolute_uri(address) if address else "",
    }


def carry_out(what: str, which: str, post: Mapping[str, Any], *, actor: str, now: dt.datetime) -> str:
    """One of the small forms of the overview; what to say afterwards. Raises DomainError, NotFound."""
    if what == "check" and which in list(Medium):
        bad = [one for one in services.check_sender(medium=which, actor=actor, now=now) if not one.passed]
        if bad:
            raise InvalidInput("; ".join(f"{name}: {detail}" for name, _passed, detail in check_words(bad)))
        return _("The account works.")
    if what == "disconnect" and which in list(Medium):
        services.disconnect_sender(medium=which, actor=actor, now=now)
        return _("Disconnected; its secrets are deleted.")
    if what == "sandbox" and which in _sms():
        services.connect_sandbox(provider=Provider(which), actor=actor, now=now)
        return _("The sandbox is connected: nothing reaches a real phone.")
    if what == "templates":
        wanted = {
            kind: (post.get(f"template_{kind}", ""), post.get(f"parameters_{kind}", ""))
            for kind in selectors.sms_kinds()
        }
        row = services.change_templates(wanted=wanted, actor=actor, now=now)
        missing = len(selectors.missing_templates(row))
        return _("Saved. Kinds without an approved template: %(count)s.") % {"count": missing}
    if what == "ceiling":
        typed = post.get("ceiling", "").strip()
        if typed and not typed.isdecimal():
            raise InvalidInput(_("The ceiling is between 1 and 10 000 000."), field="ceiling")
        services.change_ceiling(ceiling=int(typed) if typed else None, actor=actor, now=now)
        return _("Saved.")
    if what == "again":
        if not notices.try_again(ulid=which, now=now):
            raise InvalidInput(_("This message cannot be sent again: it arrived, or it held a code."))
        return _("It is tried again.")
    raise NotFound


def notice_page(request: HttpRequest, space: str) -> dict[str, Any]:
    """The list of notices, filtered as the address asks."""
    state, medium = request.GET.get("state", ""), request.GET.get("medium", "")
    page = Paginator(selectors.notices(state=state, medium=medium), 25).get_page(request.GET.get("page"))
    return {
        "space": space,
        "page": page,
        "lines": [_line(row) for row in page],
        "states": [(one.value, words.STATES[one]) for one in NoticeState],
        "media": [(one.value, words.MEDIA[one]) for one in Medium],
        "state": state,
        "medium": medium,
    }


def _line(row: Notice) -> dict[str, Any]:
    kind = KINDS.get(row.kind)
    return {
        "row": row,
        "kind": words.KINDS.get(row.kind, row.kind),
        "to": masked(row.to_phone or row.to_email),
        "state": words.STATES[row.state],
        "tone": {"failed": "bad", "stopped": "warn", "unknown": "warn", "delivered": "good", "sent": "good"}.get(
            row.state
        ),
        "provider": words.PROVIDERS.get(row.provider, ""),
        "text": "" if kind is None or kind.secret else row.body,
        "again": row.state in _AGAIN and bool(row.body) and kind is not None and not kind.secret,
    }


def masked(target: str) -> str:
    """138****1234, l***@example.test: enough to find it, too little to pass it on."""
    if "@" in target:
        name, _at, host = target.partition("@")
        return f"{name[:1]}***@{host}"
    plain = target.removeprefix("+86")
    return f"{plain[:3]}****{plain[-4:]}"
