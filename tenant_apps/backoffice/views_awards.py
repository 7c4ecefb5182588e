"""Who earns what: awards with filters and a file, one order's trace, a ledger document, the house, the debts.

Staff of finance and orders see names; an auditor sees the same pages with names masked and can change nothing.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from saas.identity import audit
from saas.identity.models import User
from saas.identity.roles import Role, has_role, roles_of
from saas.kernel.clock import CHINA, now
from saas.ledger import selectors as book
from tenant_apps.backoffice.labels import AWARD_STATES
from tenant_apps.backoffice.pages import actor_of, needs, page_of, show
from tenant_apps.modes.registry import MODES
from tenant_apps.orders.spreadsheets import Yuan, spreadsheet
from tenant_apps.settlement import selectors
from tenant_apps.settlement.selectors import AwardFilter, Reader

READERS = (Role.FINANCE, Role.AUDITOR)
_TEXTS = ("mode", "kind", "state", "payee", "order")


@needs(*READERS)
@require_safe
def awards(request: HttpRequest) -> HttpResponse:
    """Awards by rule, kind, payee, state, days and order number, with the sums of everything found."""
    wanted = _filter(request)
    page = page_of(request, selectors.found_awards(wanted))
    return show(
        request,
        "awards",
        _("Awards"),
        page=page,
        views=selectors.award_views(list(page.object_list), names_masked=_masked(request)),
        totals=selectors.totals(wanted),
        given={name: request.GET.get(name, "") for name in (*_TEXTS, "since", "until")},
        modes=[(key, selectors.rule_word(key)) for key in MODES],
        kinds=selectors.kinds(),
        states=[(key, text) for key, (text, _tone) in AWARD_STATES.items()],
    )


@needs(*READERS)
@require_safe
def awards_file(request: HttpRequest) -> HttpResponse:
    """Everything that the list's filter finds, as a spreadsheet; that it was taken is recorded."""
    wanted = _filter(request)
    with transaction.atomic():
        given = {name: request.GET[name] for name in (*_TEXTS, "since", "until") if request.GET.get(name)}
        audit.record(actor_of(request), "awards.exported", **given)
    headings = [
        _("Day"), _("Order"), _("Goods"), _("Rule"), _("Kind"), _("Payee"), _("Payee's id"), _("State"),
        _("Base"), _("Rate, ppm"), _("By the rule"), _("Award"), _("Taken back"), _("Left"),
    ]  # fmt: skip
    name = f"awards-{localtime(now(), CHINA):%Y%m%d-%H%M}"
    return spreadsheet(name=name, headings=headings, rows=_rows(wanted, masked=_masked(request)))


def _rows(wanted: AwardFilter, *, masked: bool) -> Iterator[list[Any]]:
    for award, view in selectors.every_award(wanted, names_masked=masked):
        yield [
            localtime(award.created_at, CHINA).strftime("%Y-%m-%d %H:%M:%S"), view.order_number, award.line.title,
            view.rule, award.kind, view.payee, award.payee_ulid, view.state_word, Yuan(award.base_amount),
            award.rate_ppm, Yuan(award.full_amount), Yuan(award.amount), Yuan(award.clawed_amount),
            Yuan(award.net_amount),
        ]  # fmt: skip


@needs(Role.ORDERS, *READERS)
@require_safe
def shares(request: HttpRequest, ulid: str) -> HttpResponse:
    """Who got what on an order, to the fen, down to the entries of the book."""
    trace = selectors.trace_order(ulid, reader=Reader.AUDITOR if _masked(request) else Reader.STAFF)
    if trace is None:
        raise Http404
    return show(
        request,
        "shares",
        _("Who got what"),
        trace=trace,
        may_see_order=has_role(_user(request), Role.ORDERS, Role.FINANCE),
        may_see_books=has_role(_user(request), *READERS),
    )


@needs(Role.ORDERS, *READERS)
@require_safe
def award(request: HttpRequest, ulid: str) -> HttpResponse:
    """Where an award stands in its order's page."""
    order = selectors.order_of_award(ulid)
    if not order:
        raise Http404
    return HttpResponseRedirect(reverse("backoffice:shares", args=[order]) + f"#award-{ulid}")


@needs(*READERS)
@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The holds and entries of one document of the book, and the order it belongs to."""
    name = request.GET.get("document", "").strip()
    entries, holds = book.entries_of([name]), book.holds_of([name])
    return show(
        request,
        "document",
        _("Document"),
        document=name,
        entries=entries,
        holds=holds,
        order=selectors.order_of_document(name) if entries or holds else "",
    )


@needs(*READERS)
@require_safe
def house(request: HttpRequest) -> HttpResponse:
    """What fell to the mall, from which order, and why."""
    page = request.GET.get("page", "1")
    number = int(page) if page.isdecimal() and 0 < int(page) < 10_000 else 1
    size = 25
    lines = selectors.house_lines(page=number, page_size=size)
    return show(
        request,
        "house",
        _("The mall's own account"),
        summary=selectors.house_summary(),
        lines=lines,
        number=number,
        has_next=len(lines) == size,
    )


@needs(*READERS)
@require_safe
def debts(request: HttpRequest) -> HttpResponse:
    """Who owes after refunds, since when, and what happens with it."""
    return show(request, "debts", _("Debts"), debts=selectors.open_debts(names_masked=_masked(request)))


def _filter(request: HttpRequest) -> AwardFilter:
    """What the address asks for; a day that is none is no bound."""
    since, until = (_day(request.GET.get(name, "")) for name in ("since", "until"))
    return AwardFilter(
        **{name: request.GET.get(name, "").strip() for name in _TEXTS},
        since=since,
        until=until + dt.timedelta(days=1) if until else None,
    )


def _day(text: str) -> dt.datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return dt.datetime.combine(day, dt.time(), CHINA) if day else None


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _masked(request: HttpRequest) -> bool:
    """Whoever is only an auditor sees no more of a person than is needed."""
    return roles_of(_user(request)) == {Role.AUDITOR}
