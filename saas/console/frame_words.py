"""Words of unfold's own templates, which come without a Chinese catalogue. Listed here so that ours has them."""

from django.utils.translation import gettext_noop

WORDS = (
    gettext_noop("Type to search"),
    gettext_noop("Filters"),
    gettext_noop("Apply Filters"),
    gettext_noop("Clear all filters"),
    gettext_noop("Reset filters"),
    gettext_noop("No results found"),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("Select all rows"),
    gettext_noop("Return to site"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("System"),
    gettext_noop("Loading more results..."),
    gettext_noop("Remove from sorting"),
    gettext_noop("Toggle sorting"),
)
