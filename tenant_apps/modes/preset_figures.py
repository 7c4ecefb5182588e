"""The 100-yuan order of each preset, computed by the rules that settle real orders; what the public pages show of it.

`python -m saas.runtime.manage cell shell -c "from tenant_apps.modes import preset_figures; preset_figures.write()"`
writes the file that the website reads; a test says when it is old.
"""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from saas.tenants import presets as shared
from tenant_apps.modes import catalogue, preview, sentences
from tenant_apps.modes.contract import Problem, Refusal, Sentence
from tenant_apps.modes.presets import PRESETS, Example, Preset, Values, legal_problems, rulebook_of, split
from tenant_apps.modes.registry import MODES

HUNDRED_YUAN = 10_000
_LANGUAGES = ("zh-hans", "en")
_NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # no clock is asked: the example names nobody real


def answer_of(settings: Values, example: Example) -> preview.Answer:
    """Who earns what on the example order under a set, in the active language."""
    question = preview.Question(
        price_amount=HUNDRED_YUAN,
        cost_amount=example.cost_amount,
        seller_kind=example.seller_kind,
        seller_rate_ppm=example.seller_rate_ppm,
        ranks=example.ranks,
        level=example.level,
        store=example.store,
        pickup=example.pickup,
        areas=example.areas,
    )
    return preview.answer(question, preview.imagine(question, now=_NEVER), rulebook_of(settings))


def flags(settings: Values) -> list[tuple[bool, str]]:
    """Legal flags of a set in the active language: whether it refuses, and what it says."""
    return [(isinstance(one, Refusal), sentences.render_problem(one)) for one in _once(legal_problems(settings))]


def titles(settings: Values) -> list[str]:
    """The modes that a set switches on, by name."""
    keys = [key for key in MODES if settings.get(key, {"enabled": False}).get("enabled", True)]
    return [sentences.render(Sentence(MODES[key].label)) for key in keys]


def rules(settings: Values) -> list[int]:
    """Numbers of the guard-rails (MODES 14) that speak about the modes of a set."""
    return sorted({number for key in settings for number in catalogue.entry(split(key)[0]).rules})


def figures() -> dict[str, Any]:
    """Everything the public pages show, by language and preset."""
    found: dict[str, Any] = {}
    for language in _LANGUAGES:
        with translation.override(language):
            found[language] = {preset.key: _page(preset) for preset in PRESETS}
    return found


def write() -> None:
    """Write the file that the website reads."""
    shared.FIGURES.write_text(
        json.dumps(figures(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def _page(preset: Preset) -> dict[str, Any]:
    answer = answer_of(preset.settings, preset.example)
    return {
        "title": gettext(preset.title),
        "text": gettext(preset.text),
        "order": gettext(preset.order),
        "modes": titles(preset.settings),
        "mode_keys": sorted({split(key)[0] for key in preset.settings}),
        "paid": answer.paid,
        "rows": [
            {"part": row.part, "tone": row.tone, "title": row.title, "payee": row.payee, "why": row.why, "amount": row.amount}
            for row in answer.rows
            if row.amount
        ],
        "flags": [text for _refuses, text in flags(preset.settings)],
        "rules": rules(preset.settings),
    }  # fmt: skip


def _once(problems: Sequence[Problem]) -> list[Problem]:
    return list({problem.code: problem for problem in problems}.values())
