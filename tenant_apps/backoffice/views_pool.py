"""Control room of subsidy pools (MODES 2.5): figures, charts over periods, cohorts, records; what two persons do to a pool."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from saas.ledger import selectors as book
from tenant_apps.backoffice import people
from tenant_apps.backoffice.charts import Chart, Series, draw
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.modes.forms import UnitField
from tenant_apps.modes.subsidy import selectors
from tenant_apps.modes.subsidy.models import Period, Pool
from tenant_apps.modes.subsidy.rules import PeriodState
from tenant_apps.modes.subsidy.states import ActionKind
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.selectors.subsidy import identity

_MOST = 10**13


class ActionForm(forms.Form):
    """What somebody prepares; another person decides."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[
            (ActionKind.TRANSFER.value, gettext_lazy("Put money of the mall into the pool")),
            (ActionKind.WITHDRAWAL.value, gettext_lazy("Take surplus out of the pool")),
            (ActionKind.LIQUIDATION.value, gettext_lazy("Liquidate the pool")),
        ],
    )
    amount = UnitField(
        unit="yuan",
        at_least=1,
        at_most=_MOST,
        required=False,
        label=gettext_lazy("Amount"),
        help_text=gettext_lazy("A liquidation needs none: it hands out the whole fund."),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


@needs(Role.FINANCE, Role.AUDITOR)
@require_safe
def pool_page(request: HttpRequest) -> HttpResponse:
    """One pool; `?pool=` names another than the mall's own."""
    pools = selectors.pools()
    wanted = request.GET.get("pool", "")
    row = next((one for one in pools if one.key == wanted), None) or (pools[0] if pools and not wanted else None)
    instant = now()
    terms = selectors.terms_in_force(now=instant)
    context: dict[str, Any] = {
        "row": row,
        "pools": pools,
        "terms": terms,
        "announced": selectors.announced_terms(now=instant),
    }
    if row is not None:
        context |= _room(request, row)
    return show(request, "pool", _("Control room"), status=200 if row or not wanted else 404, **context)


def _room(request: HttpRequest, row: Pool) -> dict[str, Any]:
    instant = now()
    room = selectors.control_room(row, now=instant)
    open_actions = selectors.actions(row, open_only=True)
    done = [one for one in selectors.actions(row) if one not in open_actions][:10]
    names = people.names([who for one in [*open_actions, *done] for who in (one.prepared_by, one.decided_by)])
    live = list(room.live)
    return {
        "room": room,
        "charts": charts(selectors.records(row)),
        "records": Period.objects.filter(pool=row).order_by("-number")[:8],
        "cohorts": live[::-1],
        "exits": exits(live),
        "in_cohorts": cohort_money(row),
        "vouchers": book.balance("voucher.reserve"),
        "identity": identity(),
        "open_actions": [(one, names.get(one.prepared_by, one.prepared_by)) for one in open_actions],
        "done_actions": [
            (one, names.get(one.prepared_by, one.prepared_by), names.get(one.decided_by, one.decided_by))
            for one in done
        ],
        "me": actor_of(request),
        "instant": instant,
        "form": ActionForm(),
        "may_act": has_role(request.user, Role.FINANCE),  # type: ignore[arg-type]
    }


def cohort_money(row: Pool) -> int:
    """What cohorts may still hand out (fen), from the book."""
    codes = [one.account for one in row.cohorts.filter(has_dust=True)]
    return sum(balance.posted for balance in book.balances(codes).values()) if codes else 0


def exits(live: list[selectors.CohortFigures]) -> list[tuple[int, int, int]]:
    """When cohorts leave if nothing grows any more: (in so many periods, points, lots), soonest first; the first six."""
    found: dict[int, tuple[int, int]] = {}
    for one in live:
        points, lots = found.get(one.periods_left, (0, 0))
        found[one.periods_left] = (points + one.cohort.weight, lots + one.cohort.lots)
    return [(left, *found[left]) for left in sorted(found)][:6]


def charts(records: list[Period]) -> list[Chart]:
    """The newest periods as pictures, oldest first."""
    if not records:
        return []
    first = records[0].number
    held = [one.state == PeriodState.HELD for one in records]

    def line(label: Any, tone: str, values: list[int | None], *, dashed: bool = False) -> Series:
        return Series(label=label, tone=tone, values=values, dashed=dashed)

    return [
        draw(
            _("Fund and flat commitment"),
            [
                line(_("fund"), "a", [one.fund_amount for one in records]),
                line(_("commitment"), "b", [one.commitment_amount for one in records], dashed=True),
            ],
            unit="yuan", first=first, held=held,
        ),
        draw(
            _("Paid and needed"),
            [
                line(_("paid"), "a", [one.paid_amount for one in records]),
                line(_("needed for a flat period"), "b", [one.need_amount for one in records], dashed=True),
            ],
            unit="yuan", first=first, held=held,
        ),
        draw(
            _("Growth"),
            [
                line(_("turnover"), "c", [_near(one.actual_ppm) for one in records]),
                line(_("target"), "b", [one.target_ppm for one in records], dashed=True),
                line(_("paid"), "a", [one.growth_ppm for one in records]),
            ],
            unit="percent", first=first, held=held, note=_("Growth of the turnover beyond ±100 % is cut."),
        ),
        draw(
            _("Coverage of the commitment"),
            [line(_("coverage"), "a", [_capped(one.coverage_ppm) for one in records])],
            unit="percent", first=first, held=held, note=_("Above 500 % the line is cut."),
        ),
    ]  # fmt: skip


def _near(ppm: int) -> int:
    return max(-1_000_000, min(1_000_000, ppm))


def _capped(ppm: int | None) -> int | None:
    return None if ppm is None else min(ppm, 5_000_000)


def _row_of(request: HttpRequest) -> Pool | None:
    """The pool that the address names; None where nothing has ever entered one."""
    key = request.GET.get("pool", "")
    return selectors.pool(key) if key else Pool.objects.filter(key="").first()


@needs(Role.FINANCE, Role.AUDITOR)
@require_safe
def pool_periods(request: HttpRequest) -> HttpResponse:
    """Every record of a pool, newest first."""
    row = _row_of(request)
    page = page_of(request, Period.objects.filter(pool=row).order_by("-number"))
    return show(request, "pool_periods", _("Periods"), row=row, page=page)


@needs(Role.FINANCE, Role.AUDITOR)
@require_safe
def pool_period(request: HttpRequest, number: int) -> HttpResponse:
    """One record with the cohorts that it served and those that left in it."""
    row = selectors.pool(request.GET.get("pool", ""))
    record = Period.objects.filter(pool=row, number=number).first()
    if record is None:
        return show(request, "pool_period", _("Period"), status=404, row=row, record=None)
    return show(
        request,
        "pool_period",
        _("Period {number}").format(number=number),
        row=row,
        record=record,
        actor=people.names([record.actor]).get(record.actor, record.actor),
        cohorts=[
            one
            for one in [*selectors.cohorts_of(row), *selectors.cohorts_of(row, live=False)]
            if one.cohort.last_period == number
        ],
    )


@needs(Role.FINANCE, Role.AUDITOR)
@require_safe
def pool_cohorts(request: HttpRequest) -> HttpResponse:
    """Cohorts that have left."""
    row = _row_of(request)
    page = page_of(request, selectors.cohorts_of(row, live=False) if row else [])
    return show(request, "pool_cohorts", _("Cohorts that have left"), row=row, page=page)


@needs(Role.FINANCE)
@require_POST
def pool_run(request: HttpRequest) -> HttpResponse:
    """Run the period that is due, without waiting for the round; one that is not due is refused."""
    key = request.POST.get("pool", "")
    return act(
        request,
        lambda: settlement.run_period(key=key, actor=actor_of(request), now=now()),
        done=_("The period has run."),
        back=_pool_url(key),
    )


@needs(Role.FINANCE)
@require_POST
def pool_prepare(request: HttpRequest) -> HttpResponse:
    """Prepare a transfer, a withdrawal of surplus or a liquidation, for another person to approve."""
    key, form = request.POST.get("pool", ""), ActionForm(request.POST)
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form.fields[name].label}: {errors[0]}")
        return HttpResponseRedirect(_pool_url(key))
    data = form.cleaned_data
    return act(
        request,
        lambda: settlement.prepare_action(
            key=key,
            kind=ActionKind(data["kind"]),
            amount=data["amount"] or 0,
            reason=data["reason"],
            actor=actor_of(request),
            now=now(),
        ),
        done=_("It is prepared; another person has to approve it."),
        back=_pool_url(key),
    )


@needs(Role.FINANCE)
@require_POST
def pool_decide(request: HttpRequest, ulid: str) -> HttpResponse:
    """Carry out what somebody else prepared, or refuse it."""
    approve = request.POST.get("step") == "approve"
    return act(
        request,
        lambda: settlement.decide_action(
            ulid=ulid, approve=approve, reason=request.POST.get("reason", ""), actor=actor_of(request), now=now()
        ),
        done=_("Carried out.") if approve else _("It is given up; nothing has moved."),
        back=_pool_url(request.POST.get("pool", "")),
    )


def _pool_url(key: str) -> str:
    return reverse("backoffice:pool") + (f"?pool={key}" if key else "")
