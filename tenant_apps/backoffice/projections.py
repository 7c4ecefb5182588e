"""What a projection's page and file show: charts, key figures side by side, rows of periods, sheets of a workbook."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saas.kernel.money import display_yuan, format_multiple, format_percent
from tenant_apps.backoffice.charts import Chart, Series, draw
from tenant_apps.modes.subsidy import plans
from tenant_apps.modes.subsidy.projection import KeyFigures, ProjectedPeriod, Projection
from tenant_apps.modes.subsidy.rules import CohortStatus, Side, Terms
from tenant_apps.orders.spreadsheets import Percent, Sheet, Times, Yuan

SHOWN_PERIODS = 60  # rows of the table on the page; the file has all


@dataclasses.dataclass(frozen=True)
class Answer:
    """A projection under one set of terms, as the page shows it: `name` is A or B."""

    name: str
    label: str | Promise
    terms: Terms
    found: Projection
    figures: KeyFigures

    @property
    def is_reserved(self) -> bool:
        """Whether every raise keeps the whole of the flat commitment covered (H = K)."""
        return self.terms.reserve >= self.terms.periods_max

    @property
    def waiting(self) -> str:
        """Share of the buyers' points that never left, as shown."""
        return _percent(self.figures.waiting_ppm)

    @property
    def mean(self) -> str:
        """What buyers came to on average, as shown."""
        return format_multiple(self.figures.mean_multiple_ppm)

    @property
    def best(self) -> str:
        """The best cohort, as shown."""
        return format_multiple(self.figures.best_multiple_ppm)

    @property
    def last(self) -> str:
        """The last cohort, as shown."""
        return format_multiple(self.figures.last_multiple_ppm)


def charts(answers: list[Answer]) -> list[Chart]:
    """Fund and commitment, payout ratio, waiting points, multiples by cohort."""

    def lines(label: Any, read: Any, *, second: Any = None, second_label: Any = "") -> list[Series]:
        found = []
        for one in answers:
            tone = one.name.lower()
            found.append(_series(one, label, tone, [read(period) for period in one.found.periods], answers))
            if second is not None:
                values = [second(period) for period in one.found.periods]
                found.append(_series(one, second_label, f"{tone}2", values, answers, dashed=True))
        return found

    held = [any(flags) for flags in zip(*([one.held for one in a.found.periods] for a in answers), strict=True)]
    return [
        draw(
            _("Fund and flat commitment"),
            lines(_("fund"), lambda one: one.fund, second=lambda one: one.commitment, second_label=_("commitment")),
            unit="yuan",
            held=held,
        ),
        draw(_("Paid out, of the period's turnover"), lines("", lambda one: one.payout_ppm), unit="percent", held=held),
        draw(_("Points that wait"), lines("", lambda one: one.waiting), unit="points", held=held),
        draw(
            _("What a point came to, by the period of the purchase"),
            [
                _series(one, label, tone, _multiples(one, side), answers, dashed=side is Side.MERCHANT)
                for one in answers
                for side, label, tone in (
                    (Side.BUYER, _("buyers"), one.name.lower()),
                    (Side.MERCHANT, _("sellers"), f"{one.name.lower()}2"),
                )
            ],
            unit="times",
        ),
        draw(
            _("Turnover"),
            [Series(label=_("turnover"), tone="c", values=[one.turnover for one in answers[0].found.periods])],
            unit="yuan",
        ),
        draw(
            _("Coverage of the commitment"),
            lines("", lambda one: None if one.coverage_ppm is None else min(one.coverage_ppm, 5_000_000)),
            unit="percent",
            held=held,
            note=_("Above 500 % the line is cut."),
        ),
    ]


def _series(one: Answer, label: Any, tone: str, values: Any, answers: list[Answer], *, dashed: bool = False) -> Series:
    name = f"{one.name} {label}".strip() if len(answers) > 1 else str(label) or one.name
    return Series(label=name, tone=tone, values=values, dashed=dashed)


def _multiples(one: Answer, side: Side) -> list[int | None]:
    """By period in which the cohort began; later ones had no purchase."""
    found: list[int | None] = [None] * len(one.found.periods)
    for cohort in one.found.cohorts:
        if cohort.side is side:
            found[cohort.start - 1] = cohort.multiple_ppm
    last = max((place for place, value in enumerate(found) if value is not None), default=-1)
    return found[: last + 1]


def compared(answers: list[Answer]) -> list[tuple[str, list[str], str]]:
    """Key figures, one column an answer, and how to read each."""

    def row(label: str, read: Any, help_text: str = "") -> tuple[str, list[str], str]:
        return label, [read(one.figures) for one in answers], help_text

    return [
        row(_("Turnover in all"), lambda one: display_yuan(one.turnover)),
        row(_("Into the pool"), lambda one: display_yuan(one.inflow)),
        row(_("Vouchers issued"), lambda one: display_yuan(one.issued)),
        row(_("of the turnover"), lambda one: _percent(one.issued_of_turnover_ppm)),
        row(_("of what came in"), lambda one: _percent(one.issued_of_inflow_ppm)),
        row(_("Fund in the end"), lambda one: display_yuan(one.fund)),
        row(_("Lowest fund"), lambda one: display_yuan(one.lowest_fund)),
        row(
            _("Lowest coverage"),
            lambda one: "–" if one.lowest_coverage_ppm is None else _percent(one.lowest_coverage_ppm),
            _("Fund over the flat commitment; below 100 % later periods hang on newcomers."),
        ),
        row(_("Mean multiple of the buyers"), lambda one: format_multiple(one.mean_multiple_ppm)),
        row(_("Best cohort"), lambda one: format_multiple(one.best_multiple_ppm)),
        row(_("Last cohort"), lambda one: format_multiple(one.last_multiple_ppm)),
        row(_("Buyers' points that reached the multiple"), lambda one: _percent(one.out_multiple_ppm)),
        row(_("Buyers' points that left after the last period"), lambda one: _percent(one.out_period_ppm)),
        row(
            _("Buyers' points still waiting"),
            lambda one: _percent(one.waiting_ppm),
            _("Waiting in the last period of the projection, with the fund named above."),
        ),
        row(
            _("Postponed periods"),
            lambda one: (
                _("{count}, from period {first} on").format(count=one.holds, first=one.first_hold) if one.holds else "0"
            ),
        ),
    ]


def _percent(ppm: int) -> str:
    return format_percent(round(ppm, -2))


def rows(answers: list[Answer]) -> list[tuple[int, list[ProjectedPeriod]]]:
    """The first periods, side by side."""
    count = min(SHOWN_PERIODS, len(answers[0].found.periods))
    return [(number + 1, [one.found.periods[number] for one in answers]) for number in range(count)]


def sheets(answers: list[Answer]) -> list[Sheet]:
    """Key figures, then periods and cohorts of each set of terms."""
    found = [_figures_sheet(answers)]
    for one in answers:
        found += [_periods_sheet(one), _cohorts_sheet(one)]
    return found


def _figures_sheet(answers: list[Answer]) -> Sheet:
    rows: list[list[Any]] = [[label, *values] for label, values, _help in compared(answers)]
    rows += [[field.name, *(_term(one.terms, field.name) for one in answers)] for field in dataclasses.fields(Terms)]
    return Sheet(_("Key figures"), ["", *(f"{one.name} {one.label}" for one in answers)], rows)


def _term(terms: Terms, name: str) -> Any:
    value = terms.reserve if name == "reserve_periods" else getattr(terms, name)
    return Percent(value) if name.endswith("_ppm") else value


def _periods_sheet(one: Answer) -> Sheet:
    headings = [
        _("Period"), _("Turnover"), _("Into the pool"), _("Paid"), _("Paid of turnover"), _("Fund"), _("Commitment"),
        _("Coverage"), _("Cohorts"), _("Points that wait"), _("Growth paid"), _("Target growth"), _("State"), _("Issued in all"),
    ]  # fmt: skip
    rows = [
        [
            number, Yuan(period.turnover), Yuan(period.inflow), Yuan(period.paid),
            "" if period.payout_ppm is None else Percent(period.payout_ppm), Yuan(period.fund), Yuan(period.commitment),
            "" if period.coverage_ppm is None else Percent(period.coverage_ppm), period.cohorts, Yuan(period.waiting),
            Percent(tick.growth), Percent(tick.target), str(PERIOD_WORDS[tick.state.value]), Yuan(period.issued_total),
        ]
        for number, (period, tick) in enumerate(zip(one.found.periods, one.found.ticks, strict=True), start=1)
    ]  # fmt: skip
    return Sheet(f"{one.name} {_('periods')}", headings, rows)


def _cohorts_sheet(one: Answer) -> Sheet:
    headings = [_("Began in period"), _("Side"), _("Points"), _("Periods served"), _("Multiple"), _("State")]
    rows = [
        [
            cohort.start, str(SIDE_WORDS[cohort.side.value]), Yuan(cohort.points), cohort.periods,
            Times(cohort.multiple_ppm), str(COHORT_WORDS[cohort.status.value]),
        ]
        for cohort in one.found.cohorts
    ]  # fmt: skip
    return Sheet(f"{one.name} {_('cohorts')}", headings, rows)


SIDE_WORDS = {Side.BUYER.value: gettext_lazy("buyer"), Side.MERCHANT.value: gettext_lazy("seller")}
PERIOD_WORDS = {
    "served": gettext_lazy("served"),
    "held": gettext_lazy("postponed"),
    "empty": gettext_lazy("nobody to pay"),
    "postponed": gettext_lazy("waits for growth"),
    "liquidated": gettext_lazy("liquidated"),
}
COHORT_WORDS = {
    CohortStatus.PENDING.value: gettext_lazy("waits for its first period"),
    CohortStatus.ACTIVE.value: gettext_lazy("running"),
    CohortStatus.OUT_MULTIPLE.value: gettext_lazy("left at its multiple"),
    CohortStatus.OUT_PERIOD.value: gettext_lazy("left after its last period"),
    CohortStatus.OUT_LIQUIDATED.value: gettext_lazy("left by liquidation"),
}


def figures_kept(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The key figures kept with a draft or a version of settings; empty where none are."""
    kept = plans.read_evidence(evidence)
    if kept is None:
        return []
    one = kept.figures
    return [
        (_("Turnover in all"), display_yuan(one.turnover)),
        (_("Mean multiple of the buyers"), format_multiple(one.mean_multiple_ppm)),
        (_("Last cohort"), format_multiple(one.last_multiple_ppm)),
        (_("Buyers' points still waiting"), _percent(one.waiting_ppm)),
        (_("Postponed periods"), str(one.holds)),
    ]
