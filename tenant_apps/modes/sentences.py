"""Texts of modes in the reader's language: translate, then fill amounts, percents, days and words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from saas.kernel.money import format_percent, format_yuan
from tenant_apps.modes.contract import Problem, Sentence


def render(sentence: Sentence) -> str:
    """A sentence in the active language."""
    return gettext(sentence.text).format(**_shown(sentence.data))


def render_problem(problem: Problem) -> str:
    """A problem of a draft in the active language."""
    return gettext(problem.message).format(**_shown(problem.data))


def yuan(fen: int) -> str:
    """`¥12.34`."""
    return f"-¥{format_yuan(-fen)}" if fen < 0 else f"¥{format_yuan(fen)}"


def day(instant: dt.datetime) -> str:
    """A date as the language writes it, in the mall's time zone."""
    return date_format(localtime(instant), "DATE_FORMAT")


def _shown(data: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in data.items():
        if name.endswith("_amount"):
            shown[name] = yuan(value)
        elif name.endswith("_ppm"):
            shown[name] = format_percent(value)
        elif name.endswith("_at"):
            shown[name] = day(value)
        elif name.endswith("_word"):
            shown[name] = gettext(value)
        elif name.endswith("_sum"):
            shown[name] = " + ".join(f"{gettext(word)} {yuan(amount)}" for word, amount in value)
        else:
            shown[name] = value
    return shown
