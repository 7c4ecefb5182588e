"""The file for counsel or a regulator (FEATURES R6): what holds, who approved it, who earned what, what alarmed. Reads only.

One workbook, each sheet complete for the span asked for. Names are masked, as the auditor's role reads them.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from saas.identity import selectors as identity
from saas.identity.models import AuditRecord
from saas.kernel.clock import CHINA
from tenant_apps.backoffice import people, two_persons
from tenant_apps.backoffice.labels import PREPARED_STATES, mode_title
from tenant_apps.members import selectors as members
from tenant_apps.modes import compliance, describing, operators
from tenant_apps.modes.legal_table import RULES
from tenant_apps.modes.models import ModeRuling, SettingsVersion
from tenant_apps.modes.registry import SETTINGS
from tenant_apps.orders.spreadsheets import Sheet, Yuan
from tenant_apps.sellers import selectors as sellers
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.selectors import rule_word

Rows = Iterator[Sequence[Any]]


def sheets(*, first: dt.datetime, after: dt.datetime, now: dt.datetime) -> list[Sheet]:
    """The file's sheets: awards and decisions of [first, after), rules, versions and rulings from the beginning."""
    return [
        Sheet(_("About this file"), [_("About this file")], [[_about(first, after, now)]]),
        Sheet(_("Legal rules"), [_("#"), _("Rule"), _("How it is kept"), _("Enforcement")], _legal()),
        Sheet(_("Settings"), [
            _("Rule"), _("Zone"), _("Number"), _("In force from"), _("Published"), _("Author"), _("Second person"),
            _("Why"), _("Cautions accepted"), _("Values"),
        ], _versions()),
        Sheet(_("The platform's rulings"), [
            _("Kind"), _("On what"), _("In force"), _("Until"), _("Why"), _("Ruled at"),
        ], _rulings()),
        Sheet(_("Two persons"), [
            _("What"), _("On what"), _("Why"), _("Prepared by"), _("Prepared at"), _("Decided by"), _("Decided at"),
            _("State"),
        ], _prepared(first, after)),
        Sheet(_("Who earned what"), [
            _("Rule"), _("Kind"), _("Payee"), _("Awards"), _("Given"), _("Taken back"), _("Left"),
        ], _earned(first, after)),
        Sheet(_("Teams to look at"), [
            _("Member"), _("People"), _("Levels"), _("First seen"), _("Last seen"), _("What was found"), _("Who"),
            _("When"),
        ], _alarms()),
        Sheet(_("Decisions"), [_("When"), _("Who"), _("What"), _("On what"), _("Why")], _decisions(first, after)),
    ]  # fmt: skip


def _about(first: dt.datetime, after: dt.datetime, now: dt.datetime) -> str:
    text = _(
        "Made on {made}. Awards and decisions from {first} up to, not including, {after}; rules, versions and rulings from the beginning. Amounts in yuan. Names of members are masked; the audit trail of the mall names who took this file."
    )
    return text.format(made=_moment(now), first=_moment(first), after=_moment(after))


def _moment(instant: dt.datetime | None) -> str:
    return f"{localtime(instant, CHINA):%Y-%m-%d %H:%M}" if instant else ""


def _legal() -> Rows:
    for rule in RULES:
        yield [rule.number, _(rule.title), _(rule.how), ", ".join(one.value for one in rule.enforcement)]


def _versions() -> Rows:
    rows = list(SettingsVersion.objects.order_by("mode", "zone", "number"))
    names = people.names(actor for row in rows for actor in (row.author, row.approved_by) if actor)
    for row in rows:
        shown = "; ".join(
            f"{name}={describing.shown_value(row.mode, name, value)}"
            for name, value in row.values.items()
            if row.mode in SETTINGS and name in SETTINGS[row.mode].model_fields
        )
        yield [
            mode_title(row.mode),
            row.zone,
            row.number,
            _moment(row.effective_from),
            _moment(row.created_at),
            names.get(row.author, row.author),
            names.get(row.approved_by, row.approved_by),
            row.reason,
            ", ".join(row.cautions),
            _("follows the whole mall") if row.inherits else shown,
        ]


def _rulings() -> Rows:
    for row in ModeRuling.objects.order_by("ruled_at", "pk"):
        yield [
            row.kind,
            operators.subject_text(row.kind, row.subject),
            _("yes") if row.is_on else _("no"),
            _moment(row.until),
            row.reason,
            _moment(row.ruled_at),
        ]


def _prepared(first: dt.datetime, after: dt.datetime) -> Rows:
    rows = list(identity.prepared_actions().filter(prepared_at__gte=first, prepared_at__lt=after).order_by("pk"))
    names = people.names(actor for row in rows for actor in (row.prepared_by, row.decided_by) if actor)
    for row in rows:
        kind = two_persons.KINDS.get(row.kind)
        yield [
            str(kind.label) if kind else row.kind,
            row.subject,
            row.reason,
            names.get(row.prepared_by, row.prepared_by),
            _moment(row.prepared_at),
            names.get(row.decided_by, row.decided_by),
            _moment(row.decided_at),
            str(PREPARED_STATES[row.state][0]),
        ]


def _earned(first: dt.datetime, after: dt.datetime) -> Rows:
    sums = list(
        Award.objects.filter(created_at__gte=first, created_at__lt=after)
        .order_by()
        .values("mode", "kind", "payee_kind", "payee_ulid")
        .annotate(count=Count("pk"), given=Sum("amount"), back=Sum("clawed_amount"), left=Sum(F("amount") - F("clawed_amount")))
        .order_by("mode", "-left", "payee_ulid", "kind")
    )  # fmt: skip
    payees = {one["payee_ulid"] for one in sums if one["payee_ulid"]}
    names = {**members.names_by_ulid(payees, masked=True), **sellers.names(payees)}
    for one in sums:
        yield [
            rule_word(one["mode"]),
            one["kind"],
            names.get(one["payee_ulid"], one["payee_ulid"]),
            one["count"],
            Yuan(one["given"]),
            Yuan(one["back"]),
            Yuan(one["left"]),
        ]


def _alarms() -> Rows:
    rows = list(compliance.alarms())
    names = members.names_by_ulid({row.member_ulid for row in rows}, masked=True)
    staff = people.names(row.noted_by for row in rows if row.noted_by)
    for row in rows:
        yield [
            names.get(row.member_ulid, row.member_ulid),
            row.people,
            row.levels,
            _moment(row.first_seen_at),
            _moment(row.last_seen_at),
            row.note,
            staff.get(row.noted_by, row.noted_by),
            _moment(row.noted_at),
        ]


def _decisions(first: dt.datetime, after: dt.datetime) -> Rows:
    """What people and operators decided about rules: the audit trail of settings, rulings, alarms and prepared actions."""
    wanted = ("settings.", "mode.", "compliance.", "action.", "preset.")
    rows = AuditRecord.objects.filter(at__gte=first, at__lt=after, action__regex="^(" + "|".join(wanted).replace(".", "[.]") + ")")  # fmt: skip
    found = list(rows.order_by("pk"))
    names = people.names({row.actor for row in found})
    for row in found:
        yield [_moment(row.at), names.get(row.actor, row.actor), row.action, row.target, row.reason]
