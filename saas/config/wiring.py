"""Every effect of every event: topic → handlers, by role. Grep finds it here or it does not happen (STYLE rule 5)."""

# Topics are `package.noun_verb`. A handler is `package.handlers.on_…(event)`, run in a transaction of its own, once.
CELL: dict[str, tuple[str, ...]] = {
    "notice.queued": ("saas.messaging.notices.handlers.on_notice_queued",),
}

CONTROL: dict[str, tuple[str, ...]] = {
    "notice.queued": ("saas.messaging.notices.handlers.on_notice_queued",),
}
