"""Writes to control's book: cells, vendors, places, hosts, acceptances. Whoever signs up goes through
`provisioning.orchestrator.services.sign_up`, which calls these in one transaction with the run."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.models import User
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_schema_name, new_ulid
from saas.kernel.states import check_transition
from saas.tenants.platform import services as platform
from saas.tenants.vendors import cells, rules, selectors
from saas.tenants.vendors.models import AgreementAcceptance, Cell, HostClaim, Place, Vendor
from saas.tenants.vendors.rules import AgreementKind, AgreementVersion, PlaceState, SubdomainFault


class SubdomainMalformed(InvalidInput):
    """The wanted subdomain cannot be a host name of ours."""

    code = "subdomain_malformed"
    message = _("An address has 3 to 32 letters a–z, digits or single hyphens, and is not a number.")


class SubdomainReserved(InvalidInput):
    """The wanted subdomain is kept for the platform."""

    code = "subdomain_reserved"
    message = _("The address “{subdomain}” is reserved. Please choose another.")


class SubdomainTaken(DomainError):
    """The wanted subdomain belongs to another mall."""

    code = "subdomain_taken"
    message = _("The address “{subdomain}” is already taken. Please choose another.")


class AgreementMissing(InvalidInput):
    """A text that must be accepted was not."""

    code = "agreement_missing"
    message = _("Please read and accept the service agreement and the data agreement.")


class HostTaken(DomainError):
    """The host is another mall's."""

    code = "host_taken"
    message = _("{host} is already used by another mall of this platform.")


def claim_host(*, place: Place, host: str, now: dt.datetime) -> None:
    """Give a (normalised, proved) host of its own to a place. Raises HostTaken; twice is once."""
    try:
        with transaction.atomic():
            claim, _made = HostClaim.objects.get_or_create(
                host=host, defaults={"place": place, "primary": False, "claimed_at": now}
            )
    except IntegrityError:
        raise HostTaken(field="host", host=host) from None
    if claim.place_id != place.pk:
        raise HostTaken(field="host", host=host)


def release_host(*, place: Place, host: str) -> None:
    """Take an own host of a place back; its platform hosts stay."""
    HostClaim.objects.filter(place=place, host=host, of_platform=False).delete()


def note_primary_host(*, place: Place, host: str) -> None:
    """Under which of its hosts people find the mall: one that it has, or its platform host."""
    HostClaim.objects.filter(place=place).exclude(host=host).update(primary=False)
    HostClaim.objects.filter(place=place, host=host).update(primary=True)


def claim_base(*, base: str, now: dt.datetime) -> int:
    """Give every mall its host under a further base domain, beside those that it has; how many malls got one.

    The caller holds the base domain (platform.change_base_domain) and tells the cells. A host that somebody has stays theirs.
    """
    rows = Place.objects.filter(pk__in=HostClaim.objects.filter(of_platform=True).values("place"))
    have = set(HostClaim.objects.filter(of_platform=True, host__endswith=f".{base}").values_list("place_id", flat=True))
    wanted = [
        HostClaim(host=f"{subdomain}.{base}", place_id=pk, primary=False, of_platform=True, told=False, claimed_at=now)
        for pk, subdomain in rows.order_by("pk").values_list("pk", "subdomain")
        if pk not in have
    ]
    HostClaim.objects.bulk_create(wanted, batch_size=1000)
    return len(wanted)


def choose_platform_host(*, place: Place, host: str) -> None:
    """Which of its hosts of the platform a (locked) mall's links carry. Raises NotFound for one that it does not have."""
    if host not in selectors.platform_hosts(place):
        raise NotFound
    place.host = host
    place.save(update_fields=["host"])


def note_told(*, place: Place) -> None:
    """The place's cell was told all of its hosts."""
    HostClaim.objects.filter(place=place, told=False).update(told=True)


def ensure_cell(
    *, cell_id: str, internal_origin: str, ceiling: int = 300, accepts_new: bool = True, actor: str = "system"
) -> Cell:
    """Enter a cell in the book, or correct its origin. What an operator set (ceiling, accepts_new) is left alone."""
    with transaction.atomic():
        cell, made = Cell.objects.get_or_create(
            cell_id=cell_id,
            defaults={
                "internal_origin": internal_origin,
                "ceiling": ceiling,
                "accepts_new": accepts_new,
                "database": f"cells/{cell_id}/owner-url",
            },
        )
        if not made and cell.internal_origin != internal_origin:
            cell.internal_origin = internal_origin
            cell.save(update_fields=["internal_origin"])
        if made:
            audit.record(actor, "cell.registered", target=f"cell:{cell_id}", ceiling=ceiling)
    return cell


def check_subdomain(raw: str) -> str:
    """The normalised subdomain, if it may be had now.

    Raises SubdomainMalformed, SubdomainReserved, SubdomainTaken. Only the claim itself decides between two who ask.
    """
    subdomain = rules.normalise_subdomain(raw)
    fault = rules.subdomain_fault(subdomain)
    if fault is SubdomainFault.MALFORMED:
        raise SubdomainMalformed(field="subdomain")
    if fault is SubdomainFault.RESERVED:
        raise SubdomainReserved(field="subdomain", subdomain=subdomain)
    if selectors.host_claimed(selectors.host_of_subdomain(subdomain)):
        raise SubdomainTaken(field="subdomain", subdomain=subdomain)
    return subdomain


def ensure_vendor(*, owner: User, company: str, contact_name: str, now: dt.datetime) -> Vendor:
    """The vendor that `owner` is; made with these names if there is none."""
    with transaction.atomic():
        vendor, made = Vendor.objects.get_or_create(
            owner=owner,
            defaults={"ulid": new_ulid(), "company": company, "contact_name": contact_name, "created_at": now},
        )
        if made:
            audit.record(f"user:{owner.public_id}", "vendor.created", target=f"vendor:{vendor.ulid}", company=company)
    return vendor


def open_place(
    *,
    vendor: Vendor,
    name: str,
    subdomain: str,
    plan_code: str,
    actor: str,
    now: dt.datetime,
    cell: Cell | None = None,
) -> Place:
    """A place for a new mall in a cell with room (or in `cell`), and the claim of its host.

    Raises what check_subdomain raises, and NoCellFree.
    """
    with transaction.atomic():
        platform.hold_base_domain()
        wanted = check_subdomain(subdomain)
        host = selectors.host_of_subdomain(wanted)
        place = Place.objects.create(
            mall=new_ulid(),
            vendor=vendor,
            cell=cell or cells.cell_with_room(vendor),
            name=name,
            subdomain=wanted,
            host=host,
            schema_name=new_schema_name(),
            plan_code=plan_code,
            created_at=now,
        )
        try:
            with transaction.atomic():
                HostClaim.objects.create(host=host, place=place, of_platform=True, claimed_at=now)
        except IntegrityError:
            raise SubdomainTaken(field="subdomain", subdomain=wanted) from None
        audit.record(
            actor,
            "place.opened",
            target=f"mall:{place.mall}",
            cell=place.cell.cell_id,
            subdomain=wanted,
            plan=plan_code,
        )
    return place


def change_place_state(
    *, mall: str, wanted: PlaceState, actor: str, now: dt.datetime, keep_hosts: bool = False
) -> Place:
    """Note where a mall stands. A removed place gives its hosts back, unless `keep_hosts` (release_hosts later).

    Raises NotFound, IllegalTransition.
    """
    with transaction.atomic():
        place = Place.objects.select_for_update().get(mall=mall)
        if place.state == wanted:
            return place
        check_transition(rules.PLACE_TRANSITIONS, PlaceState(place.state), wanted)
        before, place.state = place.state, wanted
        place.save(update_fields=["state"])
        if wanted is PlaceState.REMOVED and not keep_hosts:
            HostClaim.objects.filter(place=place).delete()
        audit.record(actor, "place.changed", target=f"mall:{mall}", before=before, after=wanted.value)
    return place


def release_hosts(*, mall: str, actor: str) -> int:
    """Give the hosts of a removed place back after their quarantine; how many."""
    with transaction.atomic():
        rows = HostClaim.objects.filter(place__mall=mall, place__state=PlaceState.REMOVED)
        hosts = list(rows.values_list("host", flat=True))
        rows.delete()
        if hosts:
            audit.record(actor, "place.hosts_released", target=f"mall:{mall}", hosts=hosts)
    return len(hosts)


def forget_contact(*, vendor: Vendor) -> None:
    """Take the contact person's name out of a vendor whose account is closed; acceptances stay as the proof they are."""
    with transaction.atomic():
        Vendor.objects.filter(pk=vendor.pk).update(contact_name="")


def agreement_text(agreement: AgreementVersion) -> str:
    """The words of an agreement, as HTML."""
    return render_to_string(f"vendors/agreements/{agreement.kind}-{agreement.version}.html")


def accept_agreements(
    *, vendor: Vendor, user: User, kinds: Iterable[str], address: str | None, now: dt.datetime
) -> None:
    """Record that `user` accepted the texts in force for `vendor`. Every current kind must be among `kinds`.

    Raises AgreementMissing. Accepting the same version twice keeps the first record.
    """
    if set(AgreementKind) - set(kinds):
        raise AgreementMissing(field="agreements")
    with transaction.atomic():
        for kind, agreement in rules.CURRENT_AGREEMENTS.items():
            digest = hashlib.sha256(agreement_text(agreement).encode()).hexdigest()
            AgreementAcceptance.objects.get_or_create(
                vendor=vendor,
                user=user,
                kind=kind,
                version=agreement.version,
                defaults={"digest": digest, "accepted_at": now, "address": address},
            )


def note_plan(*, mall: str, plan_code: str) -> None:
    """Keep the plan's code beside the place, for lists. Billing decides what the plan is."""
    with transaction.atomic():
        Place.objects.filter(mall=mall).update(plan_code=plan_code)


def relocate(*, mall: str, cell_id: str, epoch: int, actor: str, now: dt.datetime) -> Place:
    """Note that a mall is served by another cell (or by the same under a new epoch). An older epoch changes nothing."""
    with transaction.atomic():
        place = Place.objects.select_for_update().get(mall=mall)
        if place.epoch < epoch:
            place.cell, place.epoch = Cell.objects.get(cell_id=cell_id), epoch
            place.save(update_fields=["cell", "epoch"])
            audit.record(actor, "place.relocated", target=f"mall:{mall}", cell=cell_id, epoch=epoch)
    return place
