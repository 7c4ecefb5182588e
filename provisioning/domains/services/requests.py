"""What vendors do with their domains: ask for one, hand in its filing number, choose the primary one, remove one."""

import datetime as dt
import secrets

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.selectors import rights
from provisioning.domains import selectors
from provisioning.domains.models import FilingEvidence, HostBook, OwnDomain
from provisioning.domains.rules import filing, names, states
from provisioning.domains.rules.names import NameFault
from provisioning.domains.rules.states import DomainState
from provisioning.domains.services import records
from saas.identity import audit, limits
from saas.kernel import hosts, papers
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Vendor
from saas.tenants.vendors.rules import PlaceState
from saas.tenants.vendors.services import HostTaken

NAME_WORDS = {
    NameFault.EMPTY: _("Enter the domain, for example shop.yourcompany.com."),
    NameFault.NOT_A_NAME: _("“{detail}” is not a domain: letters, digits, hyphens and dots only."),
    NameFault.WITH_ADDRESS_PARTS: _("Enter the domain alone, without https://, port or path: “{detail}”."),
    NameFault.WILDCARD: _("“{detail}”: a domain with * cannot be used. Add each name by itself."),
    NameFault.IP_ADDRESS: _("“{detail}” is an address in numbers. Enter a domain."),
    NameFault.TOO_LONG: _("The domain is too long: at most 240 characters, and 63 between two dots."),
    NameFault.ONE_LABEL: _("“{detail}” is not a whole domain: it needs at least two parts, as in yourcompany.com."),
    NameFault.PUBLIC_SUFFIX: _(
        "“{detail}” is an ending under which others register their names, not a domain of yours."
    ),
    NameFault.SPECIAL: _("“{detail}” is a name that does not exist in the internet’s DNS."),
    NameFault.OURS: _("“{detail}” belongs to the platform itself."),
    NameFault.FALSE_PUNYCODE: _("“{detail}” is not a valid international name."),
    NameFault.MIXED_SCRIPTS: _("“{detail}” mixes alphabets that look alike. Such names deceive shoppers."),
    NameFault.LOOKALIKE: _("“{detail}” looks like another name in Latin letters. Such names deceive shoppers."),
}


class NameRefused(InvalidInput):
    """The name cannot be an own domain; `fault` says why (rules.names)."""

    code = "domain_name_refused"


class MallNotReady(DomainError):
    """The mall is being made, or is gone."""

    code = "mall_not_ready"
    message = _("This mall is not ready yet.")


class DomainListed(DomainError):
    """The mall has it already."""

    code = "domain_listed"
    message = _("{host} is in the list of this mall already.")


class NumberMalformed(InvalidInput):
    """Not a filing number."""

    code = "filing_number_malformed"
    message = _("A filing number looks like 浙ICP备2021000000号-1.")


class EvidenceRefused(InvalidInput):
    """Not a file that can be taken."""

    code = "filing_evidence_refused"
    message = _("The file must be a PDF, JPEG or PNG of at most 2 MB.")


class NotActive(DomainError):
    """Only what works can be the primary domain."""

    code = "domain_not_active"
    message = _("Only an active domain can be the primary one.")


class CheckedJustNow(DomainError):
    """A look by hand, seconds after the last."""

    code = "domain_checked_just_now"
    http_status = 429
    message = _("It was checked a moment ago. Records take some minutes to be seen everywhere.")


def request_domain(*, vendor: Vendor, mall: str, name: str, actor: str, now: dt.datetime) -> OwnDomain:
    """Ask for a domain of one's own. It is nobody's until the TXT record proves whose.

    Raises NotFound, MallNotReady, NotInPlan, MallRestricted, NameRefused (field `host`), HostTaken, DomainListed,
    TooManyAttempts.
    """
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    if place.state not in (PlaceState.REHEARSAL, PlaceState.LIVE):
        raise MallNotReady
    rights.require(mall, "own_domain")
    verdict = names.judge_name(name, ours=selectors.our_hosts())
    if verdict.fault is not None:
        raise NameRefused(NAME_WORDS[verdict.fault], field="host", fault=verdict.fault.value, detail=verdict.detail)
    limit = [limits.Limit("domain_request.vendor", vendor.ulid)]
    try:
        with transaction.atomic():
            vendor_facts.lock_place(mall)
            limits.check(limit, now=now)
            _require_free(verdict.host, place.pk)
            made = OwnDomain.objects.create(
                ulid=new_ulid(),
                host=verdict.host,
                place=place,
                token=secrets.token_hex(16),
                since=now,
                created_at=now,
                created_by=actor,
            )
            records.save(made, actor=actor, now=now)
            made.next_look_at = now + dt.timedelta(seconds=20)
            made.save(update_fields=["next_look_at"])
            limits.record(limit, now=now)
            audit.record(actor, "domain.requested", target=f"mall:{mall}", host=verdict.host)
    except IntegrityError:
        raise DomainListed(field="host", host=hosts.readable(verdict.host)) from None
    return made


def _require_free(host: str, place_pk: int) -> None:
    owner = vendor_facts.place_of_host(host)
    if owner is None:
        return
    if owner.pk == place_pk:
        raise DomainListed(field="host", host=hosts.readable(host))
    broken = OwnDomain.objects.filter(host=host, place=owner, state=DomainState.BROKEN).exists()
    if not broken:  # a broken one may have been sold; who proves it has it
        raise HostTaken(field="host", host=hosts.readable(host))


def check_now(*, ulid: str, vendor: Vendor | None = None, actor: str, now: dt.datetime) -> OwnDomain:
    """Have a domain looked at at once (a worker does it). Raises NotFound, CheckedJustNow."""
    selectors.domain(ulid, vendor=vendor)
    with transaction.atomic():
        found = records.locked(ulid)
        if found.looked_at is not None and now - found.looked_at < dt.timedelta(seconds=10):
            raise CheckedJustNow
        if found.state in states.LOOKED_AT:
            found.next_look_at = now
            found.save(update_fields=["next_look_at"])
    return found


def hand_in_filing(
    *, ulid: str, vendor: Vendor, number: str, content: bytes | None, actor: str, now: dt.datetime
) -> OwnDomain:
    """Hand in the filing number of a domain, with a file if there is one; an operator looks at it.

    Raises NotFound, NumberMalformed, EvidenceRefused, IllegalTransition.
    """
    selectors.domain(ulid, vendor=vendor)
    wanted = filing.read_number(number)
    if wanted is None:
        raise NumberMalformed(field="number")
    kind = papers.kind_of_file(content) if content else None
    if content and (kind is None or len(content) > filing.EVIDENCE_MAX_BYTES):
        raise EvidenceRefused(field="evidence")
    with transaction.atomic():
        found = records.locked(ulid)
        found.filing_number, found.note = wanted, ""
        records.move(found, DomainState.REVIEW, actor=actor, now=now, detail=wanted)
        if content and kind:
            FilingEvidence.objects.update_or_create(
                domain=found, defaults={"kind": kind, "content": content, "handed_in_at": now}
            )
        audit.record(actor, "domain.filing_handed_in", target=f"domain:{ulid}", host=found.host, number=wanted)
    return found


def choose_primary(*, ulid: str, vendor: Vendor, actor: str, now: dt.datetime) -> OwnDomain:
    """Send shoppers of the mall's other own domains to this one. Raises NotFound, NotActive, NotInPlan, MallRestricted."""
    mall = selectors.domain(ulid, vendor=vendor).place.mall
    rights.require(mall, "own_domain")
    with transaction.atomic():
        found = records.locked(ulid)
        if found.state != DomainState.ACTIVE:
            raise NotActive
        OwnDomain.objects.filter(place=found.place, wanted_primary=True).exclude(pk=found.pk).update(
            wanted_primary=False
        )
        if not found.wanted_primary:
            found.wanted_primary = True
            records.save(found, actor=actor, now=now, finding="primary")
            audit.record(actor, "domain.primary_chosen", target=f"mall:{mall}", host=found.host)
        records.tell_cell(found.place)
    return found


def serve_by_platform_host(
    *, mall: str, vendor: Vendor, sends_platform: bool | None = None, host: str = "", actor: str, now: dt.datetime
) -> None:
    """Make the platform host (`host`: another one of the mall's, from now on) the primary one again; or, with
    `sends_platform`, say whether its shoppers are sent on.

    Raises NotFound.
    """
    vendor_facts.place_of_mall(mall, vendor=vendor)
    with transaction.atomic():
        place = vendor_facts.lock_place(mall)
        if place is None:
            raise NotFound
        if sends_platform is None:
            vendors.choose_platform_host(place=place, host=host or place.host)
            OwnDomain.objects.filter(place=place, wanted_primary=True).update(wanted_primary=False)
            audit.record(actor, "domain.primary_chosen", target=f"mall:{mall}", host=selectors.platform_host(place))
        else:
            HostBook.objects.update_or_create(place=place, defaults={"sends_platform": sends_platform})
            audit.record(actor, "domain.platform_host_set", target=f"mall:{mall}", sends=sends_platform)
        records.tell_cell(place)


def remove_domain(
    *, ulid: str, vendor: Vendor | None = None, actor: str, now: dt.datetime, reason: str = ""
) -> OwnDomain:
    """Give a domain up; the mall answers under its other hosts. Raises NotFound. One that is going or gone stays so."""
    selectors.domain(ulid, vendor=vendor)
    with transaction.atomic():
        found = records.locked(ulid)
        if found.state in states.OPEN:
            records.drop(found, actor=actor, now=now, finding="removed", detail=reason)
            audit.record(actor, "domain.removed", target=f"domain:{ulid}", reason=reason, host=found.host)
    return found


def release_domains(*, mall: str, actor: str, now: dt.datetime, reason: str) -> list[str]:
    """The mall is going for good: its own domains are free at once, for its vendor's next mall or anybody; which they were.

    Unlike the platform's address they were never the platform's to keep. Certificates go by the next look at each.
    """
    place = vendor_facts.place_of_mall(mall)
    with transaction.atomic():
        going = [found.ulid for found in selectors.domains_of(place)]
        return [remove_domain(ulid=ulid, actor=actor, now=now, reason=reason).host for ulid in going]
