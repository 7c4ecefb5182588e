"""Errors, told to Sentry (RELIABILITY A4): off without a DSN; with mall and run as tags; without anything of a person.

What is sent is what is named here: type and place of the error, the pattern of the page or the task's name, tags. Request
bodies, queries, headers, cookies, users, local variables, breadcrumbs, task arguments and log parameters never are; of an
error's own text only words of a program remain.
"""

import re
from typing import Any

import sentry_sdk
from celery.signals import task_prerun
from django.conf import settings
from django.db import connection
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from saas.kernel.errors import DomainError

MAX_TEXT = 500
_KEPT = frozenset(
    {
        "event_id",
        "timestamp",
        "platform",
        "level",
        "logger",
        "exception",
        "tags",
        "transaction",
        "environment",
        "release",
        "sdk",
    }
)
_FRAME = frozenset(
    {"filename", "abs_path", "function", "module", "lineno", "context_line", "pre_context", "post_context", "in_app"}
)
_ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
_PROGRAM = re.compile(r"[a-z_][a-z0-9_.]{0,60}|[A-Z][A-Za-z]{0,60}(Error|Exception)?")
_PERSONAL = (
    (re.compile(r"(?s)DETAIL:.*"), "[detail]"),  # PostgreSQL shows the row
    (re.compile(r"[^\s@'\"]+@[^\s@'\"]+"), "[mail]"),
    (re.compile(r"https?://\S+"), "[address]"),
    (
        re.compile(rf"(?<![0-9A-Za-z_-])(?!{_ULID}(?![0-9A-Za-z_-]))(?=[0-9A-Za-z_+/=-]*\d)[0-9A-Za-z_+/=-]{{20,}}"),
        "[token]",
    ),
    (re.compile(r"\+?\d[\d -]{5,}\d"), "[number]"),
    (re.compile(r"[\u3400-\u9fff\uf900-\ufaff][\u3400-\u9fff\uf900-\ufaff·]*"), "[text]"),
)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"|“([^”]*)”|\(([^()]*)\)")


def install() -> None:
    """Tell Sentry of errors in this process, if the installation has a DSN. Call it once, where a process begins."""
    if not settings.SENTRY_DSN:
        return
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.ENVIRONMENT,
        before_send=_before_send,  # type: ignore[arg-type]
        default_integrations=False,
        integrations=[
            DjangoIntegration(transaction_style="url", middleware_spans=False, signals_spans=False),
            CeleryIntegration(),
            LoggingIntegration(level=None),
            AtexitIntegration(callback=lambda pending, timeout: None),
            ExcepthookIntegration(),
            DedupeIntegration(),
        ],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        server_name="",
        ignore_errors=[DomainError],
    )


def scrubbed(text: str) -> str:
    """A text without what could be a person's: numbers, addresses, tokens, names in quotes or in Chinese."""
    plain = _QUOTED.sub(_unquoted, text[: 4 * MAX_TEXT])
    for pattern, word in _PERSONAL:
        plain = pattern.sub(word, plain)
    return plain[:MAX_TEXT]


def _unquoted(found: re.Match[str]) -> str:
    inner = next(group for group in found.groups() if group is not None)
    return found.group() if _PROGRAM.fullmatch(inner) or not inner else found.group()[0] + "…" + found.group()[-1]


def _before_send(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event with nothing but what may leave, and with its tags."""
    extra, entry = event.get("extra", {}), event.get("logentry") or {}
    kept = {name: value for name, value in event.items() if name in _KEPT}
    if kept.get("transaction"):
        kept["transaction"] = scrubbed(str(kept["transaction"]))
    if entry.get("message"):
        pattern = str(entry["message"])  # not what filled it
        kept["logentry"] = {"message": pattern if entry.get("params") else scrubbed(pattern)}
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = scrubbed(str(error.get("value") or ""))
        error["mechanism"] = {"type": "generic", "handled": True}
        for frame in (error.get("stacktrace") or {}).get("frames", []):
            for name in set(frame) - _FRAME:
                del frame[name]
    kept["tags"] = _tags(extra, event.get("tags") or {})
    return kept


@task_prerun.connect
def _name_task(task: Any = None, kwargs: dict[str, Any] | None = None, **_: object) -> None:
    """What a task works on becomes its errors' tags; its other arguments stay here."""
    if sentry_sdk.get_client().is_active():
        scope = sentry_sdk.get_isolation_scope()
        scope.set_tag("task", getattr(task, "name", ""))
        for name in ("mall", "run"):
            scope.set_tag(name, str((kwargs or {}).get(name) or ""))


def _tags(extra: dict[str, Any], known: dict[str, Any]) -> dict[str, str]:
    """Role, cell, and the mall and run at work: as the log or the task says, else the connection's mall."""
    named = {**known, **extra}
    tags = {"role": settings.ROLE}
    if settings.ROLE == "cell":
        tags["cell"] = settings.CELL
        named["mall"] = named.get("mall") or getattr(getattr(connection, "tenant", None), "ulid", "")
    if known.get("task"):
        tags["task"] = str(known["task"])
    for name in ("mall", "run"):
        if re.fullmatch(_ULID, str(named.get(name) or "")):
            tags[name] = str(named[name])
    return tags
