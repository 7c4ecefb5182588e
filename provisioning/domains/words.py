"""States and findings of own domains in words, in the reader's language."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provisioning.domains import selectors
from provisioning.domains.models import OwnDomain
from provisioning.domains.rules.states import DomainState
from provisioning.facts import Record
from saas.kernel import hosts

STATES = {
    DomainState.REQUESTED: gettext_lazy("Proof of ownership"),
    DomainState.FILING: gettext_lazy("Filing number needed"),
    DomainState.REVIEW: gettext_lazy("Filing is being checked"),
    DomainState.POINTING: gettext_lazy("Waiting for DNS"),
    DomainState.CERTIFYING: gettext_lazy("Certificate being made"),
    DomainState.ACTIVE: gettext_lazy("Works"),
    DomainState.BROKEN: gettext_lazy("Does not work"),
    DomainState.BLOCKED: gettext_lazy("Blocked by the platform"),
    DomainState.REMOVING: gettext_lazy("Being removed"),
    DomainState.REMOVED: gettext_lazy("Removed"),
}
FINDINGS = {
    "proof_missing": gettext_lazy("The TXT record is not there yet."),
    "proof_differs": gettext_lazy("There are TXT records at this name, but not ours: {detail}"),
    "dns_silent": gettext_lazy("The DNS does not answer ({detail}). We ask again."),
    "proved": gettext_lazy("The domain is yours."),
    "taken": gettext_lazy("Another mall of this platform uses this domain."),
    "proved_by_another": gettext_lazy("Somebody else has proved that this domain is theirs."),
    "filing_accepted": gettext_lazy("The filing number is accepted."),
    "filing_refused": gettext_lazy("The filing number was not accepted: {detail}"),
    "points_here": gettext_lazy("The domain points here."),
    "points_nowhere": gettext_lazy("The domain has no address record yet."),
    "points_elsewhere": gettext_lazy("The domain points somewhere else: {detail}"),
    "points_private": gettext_lazy("The domain points to a private address: {detail}. That is never accepted."),
    "points_unknown": gettext_lazy("The DNS does not answer ({detail}). We ask again."),
    "certificate_pending": gettext_lazy("The certificate is being made: {detail}"),
    "certificate_unknown": gettext_lazy("Whoever makes certificates does not answer: {detail}"),
    "certificate_refused": gettext_lazy("The certificate was refused: {detail}"),
    "certificate_expired": gettext_lazy("The certificate has run out: {detail}"),
    "edge_trouble": gettext_lazy("The platform’s edge has a problem: {detail}"),
    "works": gettext_lazy("Points here and has a certificate."),
    "primary": gettext_lazy("Chosen as the primary domain."),
    "blocked": gettext_lazy("Blocked: {detail}"),
    "unblocked": gettext_lazy("No longer blocked: {detail}"),
    "removed": gettext_lazy("Removed. {detail}"),
    "given_up": gettext_lazy("Removed: not proved within 14 days, or broken for 30."),
    "mall_removed": gettext_lazy("Removed with its mall."),
    "cleared": gettext_lazy("Its certificate is taken away."),
}


@dataclass(frozen=True)
class DomainView:
    """A domain for a page. `records`: what its owner has to put into the DNS now; `hint`: what it waits for."""

    row: OwnDomain
    name: str
    state_word: str
    colour: str
    finding: str
    records: tuple[Record, ...]
    is_primary: bool
    waits: bool  # something may change by itself within minutes


_COLOURS = {"active": "success", "broken": "error", "blocked": "error", "filing": "warning", "requested": "warning"}
_WAITS = frozenset({DomainState.REQUESTED, DomainState.POINTING, DomainState.CERTIFYING, DomainState.REMOVING})


def view(row: OwnDomain) -> DomainView:
    """A domain in words."""
    state = DomainState(row.state)
    return DomainView(
        row=row,
        name=hosts.readable(row.host),
        state_word=str(STATES[state]),
        colour=_COLOURS.get(state, "info"),
        finding=finding_words(row.finding, row.finding_detail),
        records=_records(row, state),
        is_primary=row.wanted_primary and state is DomainState.ACTIVE,
        waits=state in _WAITS,
    )


def finding_words(finding: str, detail: str) -> str:
    """What a look found, as a sentence; nothing for what is not news."""
    text = FINDINGS.get(finding)
    return str(text).format(detail=detail or _("nothing more is known")).strip() if text else ""


def _records(row: OwnDomain, state: DomainState) -> tuple[Record, ...]:
    if state is DomainState.REQUESTED:
        return (selectors.proof_record(row),)
    if state in (DomainState.POINTING, DomainState.BROKEN):
        return selectors.pointing_records(row)
    if state is DomainState.CERTIFYING:
        return tuple(Record(*one) for one in row.records)
    return ()
