"""Projection of a subsidy pool (U5): a drafted turnover under one or two sets of terms, as pictures, table and file."""

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from tenant_apps.backoffice import projections
from tenant_apps.backoffice.forms_projection import (
    DRAFT,
    IN_FORCE,
    SCENARIOS,
    TO_HUNDRED_BILLION,
    PlanForm,
    TermsForm,
    plan_values,
)
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.backoffice.projections import Answer
from tenant_apps.modes import selectors, services
from tenant_apps.modes.subsidy import plans, projection
from tenant_apps.modes.subsidy.plans import Plan
from tenant_apps.modes.subsidy.rules import Terms
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.orders import spreadsheets

MODE = "subsidy"


class Question:
    """The three forms of the page, bound to an address or a sent form."""

    def __init__(self, data: Any) -> None:
        self.draft = selectors.draft_of(mode=MODE)
        self.kept = plans.read_evidence(self.draft.evidence) if self.draft else None
        known = known_terms(self.draft)
        given = data if data.get("first") else self._starting(data, known)
        self.plan = PlanForm(given)
        self.one = TermsForm(given, prefix="a", known=known, optional=False)
        self.other = TermsForm(given, prefix="b", known=known, optional=True)
        valid = [self.plan.is_valid(), self.one.is_valid(), self.other.is_valid()]
        self.is_valid = all(valid)

    def _starting(self, data: Any, known: dict[str, Terms]) -> dict[str, Any]:
        """What is asked when nothing was: the draft beside what holds, or the two published presets."""
        plan = self.kept.plan if self.kept else Plan()
        first = DRAFT if DRAFT in known else IN_FORCE if IN_FORCE in known else "fully_reserved"
        second = IN_FORCE if first == DRAFT and IN_FORCE in known else "public_table"
        return {**plan_values(plan), "a-basis": first, "b-basis": second, **{key: data[key] for key in data}}

    def asked(self) -> list[tuple[str, str]]:
        """What was asked, as an address or hidden fields carry it."""
        skipped = {"csrfmiddlewaretoken", "page"}
        return [(key, self.plan.data[key]) for key in self.plan.data if self.plan.data[key] and key not in skipped]

    def answers(self) -> list[Answer]:
        """One or two projections of the plan. Only of a valid question."""
        found = []
        for name, form in (("A", self.one), ("B", self.other)):
            if "terms" not in form.cleaned_data:
                continue
            terms = form.cleaned_data["terms"]
            label = dict(form.fields["basis"].choices)[form.cleaned_data["basis"]]  # type: ignore[attr-defined]
            one = plans.project(terms, self.plan.cleaned_data["plan"])
            found.append(Answer(name, label, terms, one, projection.key_figures(one)))
        return found


def known_terms(draft: Any) -> dict[str, Terms]:
    """Terms in force and as drafted, where there are any."""
    found: dict[str, Terms] = {}
    pinned = selectors.settings_in_force(now=now()).get(MODE)
    if pinned is not None and pinned.number:
        found[IN_FORCE] = pinned.values.terms()
    if draft is not None and not draft.inherits:
        found[DRAFT] = SubsidySettings.model_validate(draft.values).terms()
    return found


@needs(Role.FINANCE)
@require_safe
def projection_page(request: HttpRequest) -> HttpResponse:
    """The question, pictures, key figures and the table. Writes nothing."""
    question = Question(request.GET)
    context: dict[str, Any] = {}
    if question.is_valid:
        started = time.perf_counter()
        answers = question.answers()
        context = {
            "answers": answers,
            "charts": projections.charts(answers),
            "figures": projections.compared(answers),
            "rows": projections.rows(answers),
            "rows_left": max(0, len(answers[0].found.periods) - projections.SHOWN_PERIODS),
            "seconds": f"{time.perf_counter() - started:.2f}",
            "open_reserve": [one for one in answers if not one.is_reserved],
        }
    return show(
        request,
        "projection",
        _("Projection"),
        status=200 if question.is_valid else 422,
        question=question,
        sides=[("A", question.one), ("B", question.other)],
        query=urlencode(question.asked()),
        asked=question.asked(),
        can_keep=question.draft is not None and request.GET.get("a-basis", DRAFT) == DRAFT and not question.one.has_own,
        scenarios=_scenarios(question),
        **context,
    )


def _scenarios(question: Question) -> list[tuple[Any, str]]:
    """Links that put a known course of turnover in place of the one asked."""
    found = []
    listed = (*SCENARIOS, (gettext_lazy("260 periods, up to 4 billion yuan a period"), TO_HUNDRED_BILLION))
    for label, runs in listed:
        keep = {
            key: value
            for key, value in question.plan.data.items()
            if value and not key.startswith(("periods", "growth")) and key != "csrfmiddlewaretoken"
        }
        keep |= {f"periods{number}": periods for number, (periods, _growth) in enumerate(runs, start=1)}
        keep |= {f"growth{number}": growth for number, (_periods, growth) in enumerate(runs, start=1)}
        found.append((label, f"?{urlencode(keep)}"))
    return found


@needs(Role.FINANCE)
@require_safe
def projection_file(request: HttpRequest) -> HttpResponse:
    """The same question as a workbook: key figures, periods and cohorts of each set of terms."""
    question = Question(request.GET)
    if not question.is_valid:
        return HttpResponseRedirect(f"{reverse('backoffice:projection')}?{request.GET.urlencode()}")
    answers = question.answers()
    return spreadsheets.workbook(name="projection", sheets=projections.sheets(answers))


@needs(Role.FINANCE)
@require_POST
def projection_keep(request: HttpRequest) -> HttpResponse:
    """Keep plan and figures with the draft that they are about."""
    question = Question(request.POST)
    back = reverse("backoffice:settings", args=[MODE])
    if (
        question.draft is None
        or not question.is_valid
        or question.one.cleaned_data["basis"] != DRAFT
        or question.one.has_own
    ):
        messages.error(request, _("Only a projection of the draft can be kept with it."))
        return HttpResponseRedirect(reverse("backoffice:projection"))
    terms, plan = question.one.cleaned_data["terms"], question.plan.cleaned_data["plan"]
    return act(
        request,
        lambda: services.keep_evidence(
            actor=actor_of(request), mode=MODE, evidence=plans.evidence_of(terms, plan), now=now()
        ),
        done=_("The projection is kept with the draft; it will stay with the version that is published from it."),
        back=back,
    )
