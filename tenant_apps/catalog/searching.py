"""The text that a search looks through: a line each for title, its pinyin, its initials, the brand, codes and tags. Pure.

Lines begin and end with a line break, so that one LIKE tells what equals a word (`\\nword\\n`), what begins with it
(`\\nword`) and what holds it.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SPACES = re.compile(r"\s+")
MAX_LENGTH = 4_000


def search_text(*, title: str, brand: str = "", codes: Iterable[str] = (), tags: Iterable[str] = ()) -> str:
    """What is found of a product: `苹果`, `pingguo`, `pg`, its brand, article numbers and tags, in lower case."""
    lines = [*_spellings(title), *(_spellings(brand) if brand else ()), *codes, *tags]
    known = dict.fromkeys(folded for line in lines if (folded := fold(line)))
    return "\n" + "".join(f"{line}\n" for line in known)[:MAX_LENGTH]


def fold(text: str) -> str:
    """As words are compared: lower case, one space between words."""
    return _SPACES.sub(" ", text.replace("\n", " ")).strip().lower()


def _spellings(text: str) -> list[str]:
    """The text, and where it has Chinese its full pinyin and its initials without spaces."""
    if not _CHINESE.search(text):
        return [text]
    pinyin = _pypinyin()
    full = "".join(pinyin.lazy_pinyin(text))
    initials = "".join(pinyin.lazy_pinyin(text, style=pinyin.Style.FIRST_LETTER))
    return [text, re.sub(r"\s+", "", full), re.sub(r"\s+", "", initials)]


@cache
def _pypinyin() -> Any:
    # Its tables take tens of megabytes, which a process that saves no product does not need.
    import pypinyin  # noqa: PLC0415

    return pypinyin
