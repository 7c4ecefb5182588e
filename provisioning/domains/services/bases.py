"""The base domain under which new malls get their address: changed by the platform's owner, told to the cells mall by mall.

A mall keeps the address that it has, for ever: links, printed codes and the directories that are entered with payment
channels go on. It answers under `<its subdomain>.<new base>` as well, and its vendor may choose that one for its links.
"""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provisioning.domains import selectors
from provisioning.domains.models import HostBook
from provisioning.domains.rules import names
from provisioning.domains.rules.names import NameFault
from provisioning.domains.services import certificates, operators, records, requests
from saas.identity import audit
from saas.kernel import hosts
from saas.kernel.errors import DomainError, InvalidInput
from saas.tenants.platform import selectors as platform
from saas.tenants.platform import services as platform_book
from saas.tenants.vendors import rules as vendor_rules
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import SubdomainFault

BASE_MAX = 220  # room for a subdomain and a dot in front


class BaseRefused(InvalidInput):
    """The name cannot be a base domain; `fault` says why (rules.names)."""

    code = "base_domain_refused"


class BaseUnchanged(InvalidInput):
    """It is the base domain already."""

    code = "base_domain_unchanged"
    message = _("“{host}” is the base domain already.")


class BaseNested(InvalidInput):
    """Within another base domain of ours, or above one: an address of a mall could then be read in two ways."""

    code = "base_domain_nested"
    message = _("“{host}” and our base domain {other} lie within each other. Take a name beside it.")


class BaseOverSite(InvalidInput):
    """The platform's own site would be where a mall may have its address."""

    code = "base_domain_over_site"
    message = _("The platform’s own site, {other}, would lie among the malls’ addresses under “{host}”.")


class BaseTaken(DomainError):
    """The name is a host of some mall, or lies below one, or above a vendor's own domain."""

    code = "base_domain_taken"
    message = _("“{host}” collides with {other}, the address of a mall.")


class BaseWithoutZone(InvalidInput):
    """Records follow the malls in Route 53, and no zone is known for the name."""

    code = "base_domain_without_zone"
    message = _("No hosted zone is set for “{host}” (ROUTE53_ZONES): the addresses of malls could not follow them.")


def change_base_domain(*, name: str, reason: str, actor: str, now: dt.datetime) -> int:
    """Let new malls have their address under `name`; every mall that is here answers under it beside its own. How many.

    Raises BaseRefused, BaseUnchanged, BaseNested, BaseOverSite, BaseTaken, BaseWithoutZone (field `base_domain`),
    operators.ReasonMissing (field `reason`).
    """
    base = _judged(name)
    if not reason.strip():
        raise operators.ReasonMissing(field="reason")
    try:
        with transaction.atomic():
            platform_book.hold_base_domain(alone=True)
            before = platform.base_domain()
            _refuse(base, before)
            platform_book.note_base_domain(base=base, former=before, actor=actor, now=now)
            malls = vendors.claim_base(base=base, now=now)
            HostBook.objects.exclude(record_cell="").update(
                record_cell=""
            )  # the records of every mall are looked at again
            audit.record(
                actor,
                "platform.base_domain_changed",
                target="platform",
                before=before,
                after=base,
                malls=malls,
                reason=reason.strip()[:300],
            )
    except IntegrityError:  # a vendor's domain was proved in this very moment
        raise BaseTaken(field="base_domain", host=base, other=f"*.{base}") from None
    return malls


def tell_cells(*, limit: int = 200) -> int:
    """Tell cells of hosts that malls got by a change of the base domain; how many malls. Each in a transaction of its own."""
    malls = vendor_facts.untold_hosts(limit=limit)
    for mall in malls:
        with transaction.atomic():
            place = vendor_facts.lock_place(mall)
            if place is not None:
                records.tell_cell(place)
                vendors.note_told(place=place)
    return len(malls)


def _judged(name: str) -> str:
    """The normalised name. Names that exist on this machine alone (`malls.localhost`) are for trying out."""
    verdict = names.judge_name(name, ours=())
    local = settings.ENVIRONMENT != "production" and verdict.fault in (NameFault.SPECIAL, NameFault.ONE_LABEL)
    host = (hosts.normalise(name.strip()) or "") if local else verdict.host
    if local and host != "localhost" and not host.endswith(".localhost"):
        local = False
    if verdict.fault is not None and not local:
        raise BaseRefused(
            requests.NAME_WORDS[verdict.fault],
            field="base_domain",
            fault=verdict.fault.value,
            detail=verdict.detail,
        )
    if len(host) > BASE_MAX:
        raise BaseRefused(
            requests.NAME_WORDS[NameFault.TOO_LONG], field="base_domain", fault=NameFault.TOO_LONG.value, detail=host
        )
    return host


def _refuse(base: str, before: str) -> None:
    if base == before:
        raise BaseUnchanged(field="base_domain", host=base)
    known = platform.base_domains()
    other = next((one for one in known if base != one and _nested(base, one)), None)
    if other and base not in known:  # going back to a former one is no new nesting
        raise BaseNested(field="base_domain", host=base, other=other)
    site = selectors.own_site()
    label, _dot, parent = site.partition(".")
    if parent == base and vendor_rules.subdomain_fault(label) is not SubdomainFault.RESERVED:
        raise BaseOverSite(field="base_domain", host=base, other=site)
    other = vendor_facts.claim_near(base)
    if other:
        raise BaseTaken(field="base_domain", host=base, other=hosts.readable(other))
    if settings.DOMAIN_EDGE == certificates.AWS and settings.ROUTE53_ZONE_ID and not selectors.zone_of(base):
        raise BaseWithoutZone(field="base_domain", host=base)


def _nested(one: str, other: str) -> bool:
    if "." not in one or "." not in other:  # localhost
        return False
    return one.endswith(f".{other}") or other.endswith(f".{one}")
