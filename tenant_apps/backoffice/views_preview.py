"""Preview (D10): what a sale would pay and to whom, under the settings in force and under drafts; products worst first."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice import picking
from tenant_apps.backoffice.forms_preview import PreviewForm, starting_values
from tenant_apps.backoffice.pages import needs, show
from tenant_apps.modes import preview, selectors, worst_case

WORST_SHOWN = 50


@needs(Role.FINANCE)
@require_safe
def preview_page(request: HttpRequest) -> HttpResponse:
    """One sale as a table and as bars, before anything is published. Staff only; it writes nothing."""
    drafts, zones, instant = selectors.open_drafts(), selectors.zone_names(), now()
    given: Any = request.GET
    if not set(given) - {"draft"}:
        given = starting_values() | {name: given[name] for name in given}
    form = PreviewForm(given, drafts=drafts, zones=zones)
    answers: dict[str, Any] = {}
    if form.is_valid():
        try:
            answers = _answers(form, drafts, instant)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
    return show(
        request,
        "preview",
        _("Preview"),
        status=200 if answers else 422,
        form=form,
        instant=instant,
        named=picking.names(sku=form.data.get("sku", ""), member=form.data.get("member", "")),
        **answers,
    )


def _answers(form: PreviewForm, drafts: list[Any], instant: Any) -> dict[str, Any]:
    question = form.question()
    facts = preview.imagine(question, now=instant)
    in_force, drafted = preview.rulebooks(now=instant, drafted=form.drafted(drafts))
    before = preview.answer(question, facts, in_force)
    after = preview.answer(question, facts, drafted) if drafted else None
    shown = after or before
    return {
        "question": question,
        "answer": shown,
        "before": before if after else None,
        "bars": [(_("As today"), bar(before))] + ([(_("With the draft"), bar(after))] if after else []),
        "rows": preview.compare(before if after else None, shown),
    }


def bar(answer: preview.Answer) -> list[dict[str, Any]]:
    """Segments of the picture, in ten thousandths of what was paid; the mall's own part only where it is above zero."""
    whole = max(1, sum(max(0, row.amount) for row in answer.rows))
    found, start = [], 0
    for row in answer.rows:
        width = max(0, row.amount) * 10_000 // whole
        if width:
            found.append({"start": start, "width": width, "row": row, "label_at": start + width // 2})
        start += width
    return found


@needs(Role.FINANCE)
@require_safe
def preview_products(request: HttpRequest) -> HttpResponse:
    """Every SKU on shelf × rank of the people above, the dearest payout first, under the settings in force or drafts."""
    drafts = selectors.open_drafts()
    wanted = request.GET.get("draft", "")
    laid = [selectors.drafted(one) for one in drafts] if wanted else []
    instant = now()
    book = selectors.rulebook(at=instant, drafted=laid)
    found = worst_case.payouts(selectors.combinations(), book, ranks=(0, 1, 2, 3))
    return show(
        request,
        "preview_products",
        _("Payout of every product"),
        lines=worst_case.by_product(found)[:WORST_SHOWN],
        count=sum(one.count for one in found if one.rank == 0 and one.level == "ordinary"),
        terms=book.terms,
        drafts=drafts,
        wanted=wanted,
        level_words={key: _(word) for key, word in worst_case.LEVEL_WORDS.items()},
    )


@needs(Role.FINANCE)
@require_safe
def pick(request: HttpRequest, kind: str) -> HttpResponse:
    """What a search field offers: key and text of up to twelve products, SKUs, categories, sellers, members, districts."""
    return JsonResponse({"found": picking.found(kind, request.GET.get("q", "").strip()[:60])})
