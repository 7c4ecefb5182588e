"""One look at one domain, and what follows from it. May be killed anywhere and repeated: the next look goes on.

A look first takes the domain by raising its revision, then asks the outside world without any transaction, then writes
only if nobody changed the domain meanwhile. What was asked for outside (a certificate) has a name that is written before.
"""

import datetime as dt

from django.db import transaction

from provisioning.domains import selectors
from provisioning.domains.models import OwnDomain
from provisioning.domains.rules import pointing, states
from provisioning.domains.rules.pointing import Pointing, PointingVerdict
from provisioning.domains.rules.states import DomainState
from provisioning.domains.services import certificates, records
from provisioning.facts import Answer, CertificateLook, CertificateState
from provisioning.gateways import dns
from saas.kernel.crashpoint import crashpoint
from saas.kernel.ids import new_ulid
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState

_TAKEN_FOR = dt.timedelta(minutes=2)
_ASK_AGAIN = dt.timedelta(days=1)  # after a certificate was refused for good: ACM counts the certificates of a year


def advance(*, ulid: str, now: dt.datetime) -> None:
    """Look at a domain and bring it as far as it goes now. Nothing if another worker has it. Raises NotFound."""
    found = _take(ulid, now)
    if found is None:
        return
    if _dropped(found, now):
        return
    state = DomainState(found.state)
    if state is DomainState.REQUESTED:
        _look_at_proof(found, now)
    elif state is DomainState.REMOVING:
        _clear(found, now)
    else:
        _look_at_pointing(found, now)


def _take(ulid: str, now: dt.datetime) -> OwnDomain | None:
    seen = selectors.domain(ulid)
    if seen.state not in states.LOOKED_AT and seen.place.state != PlaceState.REMOVED:
        return None
    with transaction.atomic():
        taken = OwnDomain.objects.filter(pk=seen.pk, revision=seen.revision, state=seen.state).update(
            revision=seen.revision + 1, next_look_at=now + _TAKEN_FOR, looked_at=now
        )
    return selectors.domain(ulid) if taken else None


def _still(found: OwnDomain) -> OwnDomain | None:
    """The row, locked, unless somebody changed it since it was taken."""
    row = records.locked(found.ulid)
    return row if (row.revision, row.state) == (found.revision, found.state) else None


def _dropped(found: OwnDomain, now: dt.datetime) -> bool:
    gone = found.place.state == PlaceState.REMOVED
    late = states.gone_by_itself(DomainState(found.state), since=found.since, now=now)
    if found.state not in states.OPEN or not (gone or late):
        return False
    with transaction.atomic():
        row = _still(found)
        if row is not None:
            records.drop(row, actor="system", now=now, finding="mall_removed" if gone else "given_up")
            if not gone:
                records.tell_vendor(row, "domain_given_up")
    return True


def _look_at_proof(found: OwnDomain, now: dt.datetime) -> None:
    wanted = selectors.proof_record(found)
    answer = dns.texts_of(wanted.name)
    crashpoint("domains.looked")
    with transaction.atomic():
        row = _still(found)
        if row is None:
            return
        if pointing.proves(answer, wanted.value):
            _prove(row, now)
            return
        if answer.failed:
            finding, detail = "dns_silent", answer.failed
        else:
            finding, detail = ("proof_differs" if answer.texts else "proof_missing"), ", ".join(answer.texts)
        row.next_look_at = states.next_look(DomainState.REQUESTED, since=row.since, failures=0, now=now)
        records.note(row, now=now, finding=finding, detail=detail)


def _prove(row: OwnDomain, now: dt.datetime) -> None:
    """The claim. A broken domain of somebody else gives way to whoever proves it now; a working one never."""
    others = OwnDomain.objects.filter(host=row.host, proved_at__isnull=False, state=DomainState.BROKEN)
    for ulid in list(others.exclude(place=row.place).values_list("ulid", flat=True)):
        other = records.locked(ulid)
        records.drop(other, actor="system", now=now, finding="proved_by_another")
    try:
        vendors.claim_host(place=row.place, host=row.host, now=now)
    except vendors.HostTaken:
        records.drop(row, actor="system", now=now, finding="taken")
        return
    row.proved_at = now
    records.move(row, records.after_proof(row), actor="system", now=now, finding="proved")


def _look_at_pointing(found: OwnDomain, now: dt.datetime) -> None:
    verdict = _pointing(found)
    crashpoint("domains.looked")
    edge = selectors.edge_of(found.place.cell.cell_id)
    working = found.state in (DomainState.CERTIFYING, DomainState.ACTIVE)
    if not working or verdict.pointing not in (Pointing.HERE, Pointing.UNKNOWN):
        with transaction.atomic():
            row = _still(found)
            if row is not None:
                _judge(row, verdict, now)
        return
    look = certificates.look(found, edge)
    crashpoint("domains.certificate_asked")
    trouble = left = ""
    if look.state is CertificateState.ISSUED and (
        found.edge_cell != found.place.cell.cell_id or found.certificate == ""
    ):
        trouble = certificates.show(look, edge)
        crashpoint("domains.certificate_shown")
    elif found.left_cells:  # a look after the move, so at least a day later: nobody comes there any more
        left = _hide(found.certificate, found.left_cells)
    with transaction.atomic():
        row = _still(found)
        if row is not None:
            if row.left_cells and found.edge_cell == row.place.cell.cell_id and not left:
                row.left_cells = []
            _judge_certificate(row, verdict, look, trouble, now)


def _pointing(found: OwnDomain) -> PointingVerdict:
    """Where the domain points. Addresses of ours are the edge's, and those that the mall's platform host has."""
    answer = dns.addresses_of(found.host)
    ours = vendor_facts.platform_hosts(found.place)
    addresses = set(selectors.edge_of(found.place.cell.cell_id).addresses)
    if answer.addresses and not set(ours) & set(answer.aliases) and set(answer.addresses) - addresses:
        known: Answer = dns.addresses_of(ours[0])
        addresses |= {one for one in known.addresses if pointing.is_public(one)}
    return pointing.judge_pointing(answer, names=set(ours), addresses=addresses)


def _judge(row: OwnDomain, verdict: PointingVerdict, now: dt.datetime) -> None:
    """A domain that is not at its certificate: it comes nearer, waits on, or falls back."""
    state, finding = DomainState(row.state), f"points_{verdict.pointing}"
    if verdict.pointing is Pointing.HERE:
        row.certificate_wish = row.certificate_wish or new_ulid()
        records.move(row, DomainState.CERTIFYING, actor="system", now=now, finding=finding, detail=verdict.detail)
        return
    if verdict.pointing is not Pointing.UNKNOWN:
        row.failures += 1
    fallen = row.failures >= states.FAILURES_TO_BREAK or verdict.pointing is Pointing.PRIVATE
    if fallen and state is DomainState.ACTIVE:
        _break(row, now, finding, verdict.detail)
    elif fallen and state is DomainState.CERTIFYING:
        records.move(row, DomainState.POINTING, actor="system", now=now, finding=finding, detail=verdict.detail)
    else:
        row.next_look_at = states.next_look(state, since=row.since, failures=row.failures, now=now)
        records.note(row, now=now, finding=finding, detail=verdict.detail)


def _judge_certificate(
    row: OwnDomain, verdict: PointingVerdict, look: CertificateLook, trouble: str, now: dt.datetime
) -> None:
    state = DomainState(row.state)
    known = verdict.pointing is Pointing.HERE
    row.failures = 0 if known else row.failures
    row.records = [[one.name, one.kind, one.value] for one in look.records]
    if look.reference and look.state is not CertificateState.FAILED:
        row.certificate = look.reference
    if look.state is CertificateState.ISSUED and not trouble:
        row.certificate_until = look.expires_at
        _shown_in(row, row.place.cell.cell_id)
    expired = row.certificate_until is not None and row.certificate_until <= now
    row.next_look_at = states.next_look(state, since=row.since, failures=0, now=now)
    if state is DomainState.CERTIFYING and look.state is CertificateState.ISSUED and not trouble and not expired:
        records.move(row, DomainState.ACTIVE, actor="system", now=now, finding="works", detail=verdict.detail)
        records.tell_vendor(row, "domain_active")
    elif look.state is CertificateState.FAILED:
        row.certificate, row.certificate_wish, row.next_look_at = "", new_ulid(), now + _ASK_AGAIN
        records.note(row, now=now, finding="certificate_refused", detail=look.detail)
    elif state is DomainState.ACTIVE and expired:
        _break(row, now, "certificate_expired", look.detail)
    elif trouble:
        row.next_look_at = now + dt.timedelta(minutes=1)
        records.note(row, now=now, finding="edge_trouble", detail=trouble)
    elif state is DomainState.CERTIFYING:
        records.note(row, now=now, finding=f"certificate_{look.state}", detail=look.detail)
    else:
        records.note(row, now=now, finding="works" if known else "points_unknown", detail=verdict.detail)


def _shown_in(row: OwnDomain, cell: str) -> None:
    if row.edge_cell not in ("", cell):
        row.left_cells = sorted({*row.left_cells, row.edge_cell} - {cell})
    row.edge_cell = cell


def _break(row: OwnDomain, now: dt.datetime, finding: str, detail: str) -> None:
    records.move(row, DomainState.BROKEN, actor="system", now=now, finding=finding, detail=detail)
    row.next_look_at = now + dt.timedelta(hours=1)
    row.save(update_fields=["next_look_at"])
    records.tell_vendor(row, "domain_broken", detail=detail or finding)


def _clear(found: OwnDomain, now: dt.datetime) -> None:
    """Take the certificate away; only then is the domain gone."""
    cells = {found.edge_cell, found.place.cell.cell_id, *found.left_cells} - {""}
    trouble = _hide(found.certificate, sorted(cells)) or certificates.discard(found.certificate)
    crashpoint("domains.cleared")
    with transaction.atomic():
        row = _still(found)
        if row is None:
            return
        if trouble:
            row.next_look_at = now + dt.timedelta(minutes=10)
            records.note(row, now=now, finding="edge_trouble", detail=trouble)
            return
        records.move(row, DomainState.REMOVED, actor="system", now=now, finding="cleared")


def _hide(certificate: str, cells: list[str]) -> str:
    troubles = [certificates.hide(certificate, selectors.edge_of(cell)) for cell in cells]
    return next((one for one in troubles if one), "")
