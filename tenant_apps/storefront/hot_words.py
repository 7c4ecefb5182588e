"""Words that many shoppers look for, counted in the cache of the mall: lost with it, and no write a search."""

from django.core.cache import cache

from saas.kernel.claims import forbidden_claims

KEY = "storefront.hot_words"
SHOWN, LEAST, MOST_KEPT = 10, 3, 300
_SECONDS = 14 * 86400


def note(word: str) -> None:
    """Count a search that found something. Numbers (a phone, an order) and promises are nobody's hint.

    Two at once may lose one count: a hint needs no exact one.
    """
    word = word.strip().lower()
    if not 2 <= len(word) <= 20 or any(sign.isdigit() for sign in word) or forbidden_claims(word, of_goods=True):
        return
    counts: dict[str, int] = cache.get(KEY) or {}
    counts[word] = counts.get(word, 0) + 1
    if len(counts) > MOST_KEPT:
        counts = dict(sorted(counts.items(), key=lambda one: -one[1])[: MOST_KEPT // 2])
    cache.set(KEY, counts, _SECONDS)


def hottest() -> list[str]:
    """The most looked for, from three searches on."""
    counts: dict[str, int] = cache.get(KEY) or {}
    found = sorted((one for one in counts.items() if one[1] >= LEAST), key=lambda one: (-one[1], one[0]))
    return [word for word, _ in found[:SHOWN]]
