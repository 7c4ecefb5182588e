"""What operators do with vendors' domains: judge filing numbers, block, let go on."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provisioning.domains.models import OwnDomain
from provisioning.domains.rules.states import DomainState
from provisioning.domains.services import records, requests
from saas.identity import audit
from saas.kernel.errors import InvalidInput


class ReasonMissing(InvalidInput):
    """Why, the vendor and the audit trail are told."""

    code = "reason_missing"
    message = _("Please give a reason.")


def decide_filing(*, ulid: str, accepted: bool, note: str, actor: str, now: dt.datetime) -> OwnDomain:
    """Accept the filing number, or say what is wrong with it. Raises NotFound, ReasonMissing, IllegalTransition."""
    if not accepted and not note.strip():
        raise ReasonMissing(field="note")
    with transaction.atomic():
        found = records.locked(ulid)
        found.note = note.strip()[:300]
        found.filed_at = now if accepted else None
        wanted = DomainState.POINTING if accepted else DomainState.FILING
        finding = "filing_accepted" if accepted else "filing_refused"
        records.move(found, wanted, actor=actor, now=now, finding=finding, detail=found.note)
        if not accepted:
            records.tell_vendor(found, "domain_filing_refused", reason=found.note)
        audit.record(actor, f"domain.{finding}", target=f"domain:{ulid}", reason=found.note, host=found.host)
    return found


def block_domain(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> OwnDomain:
    """Let the mall answer no more under it; a proved one stays the mall's. Raises NotFound, ReasonMissing, IllegalTransition."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        found = records.locked(ulid)
        found.note = reason.strip()[:300]
        found.wanted_primary = False
        records.move(found, DomainState.BLOCKED, actor=actor, now=now, finding="blocked", detail=found.note)
        records.tell_vendor(found, "domain_blocked", reason=found.note)
        audit.record(actor, "domain.blocked", target=f"domain:{ulid}", reason=found.note, host=found.host)
    return found


def unblock_domain(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> OwnDomain:
    """Let it begin again: at what is missing next. Raises NotFound, ReasonMissing, IllegalTransition."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        found = records.locked(ulid)
        found.note = ""
        wanted = records.after_proof(found) if found.proved_at else DomainState.REQUESTED
        records.move(found, wanted, actor=actor, now=now, finding="unblocked", detail=reason.strip())
        audit.record(actor, "domain.unblocked", target=f"domain:{ulid}", reason=reason.strip(), host=found.host)
    return found


def remove_domain(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> OwnDomain:
    """Take a domain from its mall. Raises NotFound, ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    return requests.remove_domain(ulid=ulid, actor=actor, now=now, reason=reason.strip())
