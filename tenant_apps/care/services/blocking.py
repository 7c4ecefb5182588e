"""Words that the mall does not allow in conversations."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.care.talking import blocked_word
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.order_terms.settings import OrderSettings


class WordBlocked(DomainError):
    """The mall does not allow a word; nothing was sent."""

    code = "word_blocked"
    http_status = 422
    message = _("“{word}” may not be written here.")  # type: ignore[assignment]


def require_allowed(text: str, *, now: dt.datetime, field: str = "text") -> None:
    """Raise WordBlocked where `text` holds a word that the mall does not allow."""
    if found := blocked_word(text, terms(now).blocked_words):
        raise WordBlocked(word=found, field=field)


def terms(now: dt.datetime) -> OrderSettings:
    """The mall's terms of orders, where the words and deadlines of conversations stand."""
    pinned = modes.current_settings(mode="orders", now=now)
    values: OrderSettings = pinned.values if pinned else OrderSettings()
    return values
