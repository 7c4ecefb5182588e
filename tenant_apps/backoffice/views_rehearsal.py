"""The rehearsal's page: its clock, its test people, what is being done. And the way into the shop as a test person."""

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.models import User
from saas.identity.roles import Role
from saas.kernel.clock import CHINA, now
from saas.kernel.errors import DomainError, InvalidInput
from saas.tenants.jobs.models import Job
from saas.tenants.malls.activation import active_mall
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.rehearsal import selectors, services

STEPS = (1, 7, 30, 90)


@needs(Role.OWNER)
@require_safe
def rehearsal(request: HttpRequest) -> HttpResponse:
    """Where the clock stands, what is being done, who the test people are."""
    mall, instant = active_mall(), now()
    running = selectors.under_way(mall)
    answer = show(
        request,
        "rehearsal",
        _("Rehearsal"),
        is_rehearsal=selectors.is_rehearsal(mall),
        day=selectors.day(mall, now=instant),
        clock=instant,
        steps=STEPS,
        running=running,
        moves=[_shown(one) for one in selectors.moves(mall)],
        people=selectors.test_people(),
        people_job=selectors.people_job(mall),
    )
    if running is not None:
        answer["Refresh"] = "3"
    return answer


def _shown(job: Job) -> dict[str, object]:
    at = job.progress.get("at") or job.asked.get("from", "")
    return {
        "row": job,
        "begin": dt.datetime.fromisoformat(job.asked["from"]),
        "end": dt.datetime.fromisoformat(job.asked["to"]),
        "at": dt.datetime.fromisoformat(at),
    }


@needs(Role.OWNER)
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """Go on by so many days, or to a day."""
    return act(
        request,
        lambda: _ask(request),
        done=_("The clock is moving. What falls due on the way is done in its order."),
        back=reverse("backoffice:rehearsal"),
    )


def _ask(request: HttpRequest) -> None:
    mall, instant = active_mall(), now()
    wanted = request.POST.get("date", "").strip()
    if not wanted:
        days = request.POST.get("days", "").strip()
        if not days.isascii() or not days.isdigit() or len(days) > 4:
            raise InvalidInput(_("Enter a whole number of days, or a day of the calendar."), field="days")
        services.ask_days(mall=mall, days=int(days), actor=actor_of(request), now=instant)
        return
    try:
        day = parse_date(wanted)
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput(_("Enter a whole number of days, or a day of the calendar."), field="date")
    to = dt.datetime.combine(day, instant.astimezone(CHINA).time(), tzinfo=CHINA)
    services.ask_move(mall=mall, to=to.astimezone(dt.UTC), actor=actor_of(request), now=instant)


@needs(Role.OWNER)
@require_POST
def make_people(request: HttpRequest) -> HttpResponse:
    """Make the test people."""
    return act(
        request,
        lambda: services.ask_people(mall=active_mall(), actor=actor_of(request), now=now()),
        done=_("Test people are being made: members, a store, a merchant, orders."),
        back=reverse("backoffice:rehearsal"),
    )


@needs(Role.OWNER)
@require_POST
def job_step(request: HttpRequest, ulid: str, what: str) -> HttpResponse:
    """Stop a move of the clock, or take a job that failed on again."""
    mall = active_mall()
    if what == "stop":
        return act(
            request,
            lambda: services.stop_move(mall=mall, job=ulid, actor=actor_of(request), now=now()),
            done=_("The clock stops after what it is doing."),
            back=reverse("backoffice:rehearsal"),
        )
    return act(
        request,
        lambda: services.try_again(mall=mall, job=ulid, actor=actor_of(request), now=now()),
        done=_("It goes on where it stopped."),
        back=reverse("backoffice:launch" if request.POST.get("back") == "launch" else "backoffice:rehearsal"),
    )


@needs(Role.OWNER)
@require_POST
def enter_as(request: HttpRequest, ulid: str) -> HttpResponse:
    """Look at the shop with a test person's eyes; a line on each page leads back."""
    staff = request.user
    assert isinstance(staff, User)
    try:
        user = services.enter_as(mall=active_mall(), member_ulid=ulid, actor=actor_of(request))
    except DomainError as error:
        messages.error(request, error.text)
        return HttpResponseRedirect(reverse("backoffice:rehearsal"))
    with transaction.atomic():
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        request.session[selectors.ACTING] = {"staff": staff.public_id, "name": user.name}
    return HttpResponseRedirect("/")
