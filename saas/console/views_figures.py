"""The console's figures: the start page, a month with its rows, what malls use of their plans."""

import datetime as dt
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.rules.periods import month_of
from billing.selectors import accounts, figures, words
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator.models import Run
from saas.kernel.clock import china_date, now
from saas.kernel.errors import NotFound
from saas.kernel.money import display_yuan, format_percent
from saas.messaging.bus import selectors as bus
from saas.support import selectors as support
from saas.support.selectors import tickets
from saas.tenants.senders import selectors as senders
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.rules import PlaceState

Context = dict[str, Any]


def home_context() -> Context:
    """Figures of the start page; each leads to its rows."""
    today = china_date(now())
    counts = vendor_facts.place_counts()
    month = vendor_facts.platform_sales(since=today - dt.timedelta(days=29))
    places, subscriptions = (
        reverse("console:vendors_place_changelist"),
        reverse("console:billing_subscription_changelist"),
    )
    rows = figures.months(today=today)
    late = figures.overdue(today=today)
    return {
        "tiles": [
            (_("Malls"), sum(counts.values()) - counts.get(PlaceState.REMOVED, 0), places),
            (_("In rehearsal"), counts.get(PlaceState.REHEARSAL, 0), f"{places}?state__exact=rehearsal"),
            (_("Live"), counts.get(PlaceState.LIVE, 0), f"{places}?state__exact=live"),
            (
                _("Recurring revenue a month"),
                display_yuan(accounts.monthly_recurring()),
                f"{subscriptions}?state__exact=active",
            ),
            (_("Left this month"), f"{rows[-1].ended} · {format_percent(rows[-1].churn_ppm)}", _month(rows[-1].key)),
            (_("Orders completed, 30 days"), month.orders, reverse("console:usage")),
            (_("Sales of all malls, 30 days"), display_yuan(month.sales_amount), reverse("console:usage")),
            (
                _("Overdue invoices"),
                late.count(),
                f"{reverse('console:billing_invoice_changelist')}?payment__exact=unpaid",
            ),
            (_("Transfers without vendor"), accounts.unmatched_transfers().count(), reverse("console:transfers")),
            (_("Questions that wait"), tickets.tickets_waiting().count(), reverse("console:tickets")),
            (_("Vendors to verify"), tickets.verifications_waiting().count(), reverse("console:verifications")),
            (
                _("Runs that failed"),
                Run.objects.filter(state="failed").count(),
                f"{reverse('console:orchestrator_run_changelist')}?state__exact=failed",
            ),
        ],
        "charts": [
            _chart(
                _("Recurring revenue"), [(row.key, row.recurring_fen, display_yuan(row.recurring_fen)) for row in rows]
            ),
            _chart(
                _("Turnover of malls"), [(row.key, row.turnover_fen, display_yuan(row.turnover_fen)) for row in rows]
            ),
            _chart(_("Billed to vendors"), [(row.key, row.billed_fen, display_yuan(row.billed_fen)) for row in rows]),
            _chart(_("Subscriptions that ended"), [(row.key, row.ended, str(row.ended)) for row in rows]),
        ],
        "incidents": _incidents(),
        "recent_runs": runs.recent_runs(limit=8),
        "cells": vendor_facts.cell_loads(now=now()),
        "waiting_items": support.waiting_for_platform(limit=10),
        "failed_events": bus.failures(limit=5),
        "overdue": late[:8],
        "questions": tickets.tickets_waiting()[:8],
    }


def _incidents() -> list[tuple[str, str]]:
    """What an operator has to look at now: words and the page."""
    found, page = [], reverse("console:senders")
    warned = senders.warning(now=now())
    if warned:
        percent, used, ceiling = warned
        text = _(
            "The platform's text messages: %(used)s of %(ceiling)s this month; only codes for signing in still go out."
        )
        if percent >= 100:
            text = _("The platform's text messages: all %(ceiling)s of this month are used; nothing goes out any more.")
        found.append((text % {"used": used, "ceiling": ceiling}, page))
    for row in senders.broken():
        found.append(
            (_("An account for messages does not work: %(detail)s") % {"detail": row.detail or row.provider}, page)
        )
    return found


def _month(key: str) -> str:
    return reverse("console:month", kwargs={"key": key})


def _chart(title: str, rows: list[tuple[str, int, str]]) -> Context:
    """Bars of at most 100 parts; every one leads to its month."""
    top = max((value for _key, value, _text in rows), default=0) or 1
    bars = [
        {"key": key, "height": max(1, 100 * value // top) if value > 0 else 0, "text": text, "link": _month(key)}
        for key, value, text in rows
    ]
    return {"title": title, "bars": bars, "last": rows[-1][2]}


def month(request: HttpRequest, frame: Context, key: str) -> HttpResponse:
    """The rows behind a month's figures."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", key):
        raise NotFound(field="month")
    span = month_of(dt.date.fromisoformat(f"{key}-01"))
    running = [one for one in figures.standing(span.end) if one.state in ("active", "past_due")]
    context = {
        **frame,
        "title": key,
        "figures": figures.month(span),
        "running": [(one, figures.monthly_price(one), _name(one.subscription.mall)) for one in running],
        "ended": [(one, words.EVENTS[one.kind], _name(one.subscription.mall)) for one in figures.ended_in(span)],
        "sales": [(mall, fen, _name(mall)) for mall, fen in figures.sales_by_mall(span)],
        "invoices": [(one, words.subject(one)) for one in figures.invoices_in(span)[:200]],
    }
    return render(request, "console/month.html", context)


def usage(request: HttpRequest, frame: Context) -> HttpResponse:
    """What each mall uses of its plan, the fullest first."""
    rows = [
        (one, _name(one.subscription.mall), [(words.USED[row.feature], row) for row in one.rows])
        for one in figures.use_of_malls(today=china_date(now()))
    ]
    return render(request, "console/usage.html", {**frame, "title": _("Use of plans"), "rows": rows})


def _name(mall: str) -> str:
    place = vendor_facts.place_or_none(mall)
    return place.name if place else mall
