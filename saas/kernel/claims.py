"""Claims that no page, poster or goods text may make (MODES 14 #9): multiples, free orders, refunds in full, sure gains. Pure.

A text that says the opposite ("not guaranteed", 非承诺收益) passes. Goods may be ten times concentrated; money may not.
"""

import re

_NOT = r"(?<![不非未无])"
_MULTIPLE = r"[\d一二两三四五六七八九十百]+(\.\d+)?\s*倍"
_MONEY = r"(收益|回报|返还|返利|返现|奖励|增值|红利|补贴|出局)"
_ANY_TEXT = (
    rf"{_MULTIPLE}\s*{_MONEY}",
    rf"{_MONEY}[^。,,;;\s]{{0,4}}{_MULTIPLE}",
    rf"(翻|涨)\s*{_MULTIPLE}",
    rf"{_NOT}免单",
    r"(0|零)\s*抽\s*佣",
    r"只\s*涨\s*不\s*跌",
    rf"{_NOT}(稳\s*赚(不赔)?|包\s*赚|躺\s*赚|坐\s*享\s*收\s*益)",
    rf"{_NOT}(保\s*本|保\s*收\s*益|保\s*证\s*(收益|盈利|回报)|承\s*诺\s*(收益|回报|返还))",
    rf"{_NOT}全\s*额\s*(返还|返现|返利)|{_NOT}消\s*费\s*(返本|等于赚钱|即赚钱)|购物返本",
    r"[月日年]\s*(入|赚)\s*过?\s*[\d一二三四五六七八九十百千万]+",
    r"(?i)(?<!not )(?<!no )\bguaranteed (returns?|incomes?|profits?)\b|\brisk[- ]free (income|profit|returns?)\b",
    r"(?i)\b\d+(\.\d+)?\s*(x|times) (returns?|your money)\b|\bonly (ever )?goes up\b",
)
_PAGES = (rf"{_MULTIPLE}",)  # a brand's own words have no lenses and no concentrates to speak of
_GOODS = tuple(re.compile(one) for one in _ANY_TEXT)
_STRICT = tuple(re.compile(one) for one in (*_ANY_TEXT, *_PAGES))
_TAGS = re.compile(r"<[^>]+>")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff]")


def forbidden_claims(text: str, *, of_goods: bool = False) -> list[str]:
    """The passages of a text (tags and invisible signs aside) that claim what may not be claimed, in their order."""
    plain = _INVISIBLE.sub("", _TAGS.sub(" ", text))
    patterns = _GOODS if of_goods else _STRICT
    found = sorted((match.start(), match.group().strip()) for one in patterns for match in one.finditer(plain))
    return list(dict.fromkeys(passage for _place, passage in found))
