"""Advertising: the ads that members watch, the income that funds them, the days with what they released."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from saas.identity.roles import Role
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice import people
from tenant_apps.backoffice.forms_ads import AdForm, AdIncomeForm
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.modes.advertising import rules, selectors, services
from tenant_apps.modes.advertising.services import AdDraft
from tenant_apps.settlement import services as settlement


@needs(Role.GOODS, Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def ads(request: HttpRequest) -> HttpResponse:
    """Every ad, newest first; a form for a new one, or for the one that is asked for."""
    moment = now()
    ulid = request.GET.get("ad", "")
    chosen = selectors.task(ulid) if ulid else None
    names = ("title", "text", "advertiser", "link", "seconds", "first_day", "last_day")
    initial = {name: getattr(chosen, name) for name in names} if chosen else {"first_day": china_date(moment)}
    form: forms.Form = AdForm(request.POST or None, initial=initial)
    if request.method == "POST":
        call: Callable[[dict[str, Any]], object] = lambda data: services.save_task(  # noqa: E731
            draft=AdDraft(**data), actor=actor_of(request), now=moment, ulid=ulid
        )
        if _done(form, call):
            return act(request, lambda: None, done=_("Saved."), back=reverse("backoffice:ads"))
    page = page_of(request, selectors.tasks())
    who = people.names({row.created_by for row in page})
    return show(
        request,
        "ads",
        _("Ads"),
        status=422 if form.is_bound else 200,
        page=page,
        rows=[(row, who.get(row.created_by, row.created_by)) for row in page],
        today=china_date(moment),
        form=form,
        chosen=chosen,
        settings=services.settings_in_force(moment),
    )


@needs(Role.GOODS, Role.FINANCE)
@require_POST
def stop_ad(request: HttpRequest, ulid: str) -> HttpResponse:
    """Stop showing an ad, or show it again."""
    stopped = request.POST.get("step") == "stop"
    return act(
        request,
        lambda: services.stop_task(ulid=ulid, is_stopped=stopped, actor=actor_of(request), now=now()),
        done=_("The ad is not shown any more.") if stopped else _("The ad is shown again."),
        back=reverse("backoffice:ads"),
    )


@needs(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def ad_money(request: HttpRequest) -> HttpResponse:
    """Income booked, today's budget so far, and the days: what was wanted, allowed and released."""
    moment = now()
    form: forms.Form = AdIncomeForm(request.POST or None)
    if request.method == "POST":
        call: Callable[[dict[str, Any]], object] = lambda data: settlement.book_ad_income(  # noqa: E731
            actor=actor_of(request), now=moment, **data
        )
        if _done(form, call):
            return act(request, lambda: None, done=_("Booked."), back=reverse("backoffice:ad_money"))
    day = china_date(moment)
    settings = services.settings_in_force(moment)
    booked = selectors.booked_on(day)
    income, _deficit = rules.income_of_day(booked, selectors.deficit_before(day))
    incomes = list(selectors.incomes()[:20])
    who = people.names({row.booked_by for row in incomes})
    page = page_of(request, selectors.days())
    largest = max((row.budget_amount for row in page), default=0)
    return show(
        request,
        "ad_money",
        _("Ad income and releases"),
        status=422 if form.is_bound else 200,
        form=form,
        settings=settings,
        booked=booked,
        budget=rules.day_budget(income, settings.ad_payout_ppm) if settings else 0,
        finished=len(selectors.views_of_day(day)),
        incomes=[(row, who.get(row.booked_by, row.booked_by)) for row in incomes],
        page=page,
        rows=[
            (
                row,
                row.budget_amount * 100 // largest if largest else 0,
                row.released_amount * 100 // row.budget_amount if row.budget_amount else 0,
            )
            for row in page
        ],
    )


def _done(form: forms.Form, call: Callable[[dict[str, Any]], object]) -> bool:
    """One service call with a valid form's data; a refusal becomes the error of its field."""
    if not form.is_valid():
        return False
    try:
        call(dict(form.cleaned_data))
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.text)
        return False
    return True
