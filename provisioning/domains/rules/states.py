"""Where an own domain stands, what may follow, when it is looked at again. Pure."""

import datetime as dt
from enum import StrEnum


class DomainState(StrEnum):
    """The way of a domain: requested → (filing → review) → pointing → certifying → active."""

    REQUESTED = "requested"  # waits for the TXT record that proves whose it is
    FILING = "filing"  # proved; waits for the vendor's filing number
    REVIEW = "review"  # an operator looks at the filing number
    POINTING = "pointing"  # waits for its DNS to point here
    CERTIFYING = "certifying"  # points here; its certificate is being made
    ACTIVE = "active"
    BROKEN = "broken"  # was active; it no longer points here, or its certificate ran out
    BLOCKED = "blocked"  # by an operator
    REMOVING = "removing"  # answers no more; its certificate is being taken away
    REMOVED = "removed"


S = DomainState
_OUT = frozenset({S.BLOCKED, S.REMOVING})
TRANSITIONS: dict[DomainState, frozenset[DomainState]] = {
    S.REQUESTED: frozenset({S.FILING, S.POINTING, S.BLOCKED, S.REMOVED}),
    S.FILING: frozenset({S.REVIEW}) | _OUT,
    S.REVIEW: frozenset({S.FILING, S.POINTING}) | _OUT,
    S.POINTING: frozenset({S.CERTIFYING}) | _OUT,
    S.CERTIFYING: frozenset({S.ACTIVE, S.POINTING}) | _OUT,
    S.ACTIVE: frozenset({S.BROKEN}) | _OUT,
    S.BROKEN: frozenset({S.ACTIVE, S.CERTIFYING}) | _OUT,
    S.BLOCKED: frozenset({S.REQUESTED, S.FILING, S.POINTING, S.REMOVING, S.REMOVED}),
    S.REMOVING: frozenset({S.REMOVED}),
    S.REMOVED: frozenset(),
}
OPEN = frozenset(S) - {S.REMOVING, S.REMOVED}  # still the vendor's
ANSWERS = frozenset({S.CERTIFYING, S.ACTIVE, S.BROKEN})  # the mall answers under it
MAY_HAVE_CERTIFICATE = frozenset({S.CERTIFYING, S.ACTIVE})
LOOKED_AT = frozenset({S.REQUESTED, S.POINTING, S.CERTIFYING, S.ACTIVE, S.BROKEN, S.REMOVING})

PROOF_DAYS = 14  # an unproved wish is forgotten
BROKEN_DAYS = 30  # after that the name is given back: somebody else may own it by now
FAILURES_TO_BREAK = 3  # checks in a row that say "not here"; silence of the DNS is never one of them
_DAY, _HOUR, _MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)


def next_look(state: DomainState, *, since: dt.datetime, failures: int, now: dt.datetime) -> dt.datetime | None:
    """When a domain that came into `state` at `since` is looked at again; None: not by itself."""
    if state not in LOOKED_AT:
        return None
    if state is S.ACTIVE:
        return now + (_HOUR if failures else _DAY)
    if state is S.BROKEN:
        return now + _HOUR
    age = now - since
    if age < _HOUR:
        return now + (_MINUTE / 3 if age < 10 * _MINUTE else _MINUTE)
    return now + (15 * _MINUTE if age < _DAY else _HOUR)


def gone_by_itself(state: DomainState, *, since: dt.datetime, now: dt.datetime) -> bool:
    """Whether the domain is dropped without anybody's word: never proved, or broken for too long."""
    limit = {S.REQUESTED: PROOF_DAYS, S.BROKEN: BROKEN_DAYS}.get(state)
    return limit is not None and now - since > limit * _DAY
