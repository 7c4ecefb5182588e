"""The owner of a shop invites people, changes their roles, sends them away; they accept, decline, leave. At once, audited."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.phones import normalise_phone
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.notices import services as notices
from tenant_apps.members.models import Member
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED
from tenant_apps.sellers.services.editing import locked
from tenant_apps.sellers.staffing import MAX_STAFF, Entry, ShopRole, clean_roles, entry_of

NAME_LENGTH = 20


class AlreadyStaff(DomainError):
    """This person works in the shop or is invited already."""

    code = "already_shop_staff"
    message = _("This person works in the shop or is invited already.")  # type: ignore[assignment]


def invite_staff(
    *, seller_ulid: str, phone: str, name: str, roles: Iterable[str], member: Member, now: dt.datetime
) -> Entry:
    """Invite whoever owns this number; he is told by SMS and accepts under “My shop”. Of the owner alone.

    Raises NotFound, NotAPhone, InvalidInput (phone, name, roles), AlreadyStaff.
    """
    number, name = normalise_phone(phone), name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise InvalidInput(gettext("Say in 1 to 20 characters what you call this person."), field="name")
    with transaction.atomic():
        row = _owned(seller_ulid, member)
        if row.state in ENDED:
            raise InvalidInput(gettext("This shop has ended: nobody can join it any more."), field="phone")
        if len(row.staff) >= MAX_STAFF:
            raise InvalidInput(gettext("A shop has at most {count} people.").format(count=MAX_STAFF), field="phone")
        if member.user.phone == number:
            raise InvalidInput(gettext("This is your own number: you have every role."), field="phone")
        known = Member.objects.filter(user__phone=number).values_list("ulid", flat=True).first()
        if any(one.get("phone") == number or (known and one.get("member") == known) for one in row.staff):
            raise AlreadyStaff(field="phone")
        entry = {
            "ulid": new_ulid(),
            "phone": number,
            "name": name,
            "roles": _checked(roles),
            "since": now.isoformat(),
        }
        _store(row, [*row.staff, entry], now)
        audit.record(
            f"member:{member.ulid}", "seller.staff_invited", target=f"seller:{seller_ulid}", roles=entry["roles"]
        )
        notices.send_notice(
            kind="shop_invitation",
            to_phone=number,
            context={"shop": row.name},
            key=f"shop_invitation:{entry['ulid']}",
        )
    return entry


def accept_invitation(*, seller_ulid: str, member: Member, now: dt.datetime) -> Seller:
    """Join a shop that invited the member's proved number; the number is forgotten. Raises NotFound."""
    with transaction.atomic():
        row = locked(seller_ulid)
        entry = _invited(row, member)
        joined = {key: value for key, value in entry.items() if key != "phone"}
        joined |= {"member": member.ulid, "since": now.isoformat()}
        _store(row, [joined if one is entry else one for one in row.staff], now)
        audit.record(
            f"member:{member.ulid}", "seller.staff_joined", target=f"seller:{seller_ulid}", roles=entry["roles"]
        )
    return row


def decline_invitation(*, seller_ulid: str, member: Member, now: dt.datetime) -> None:
    """Say no to an invitation. Raises NotFound."""
    with transaction.atomic():
        row = locked(seller_ulid)
        entry = _invited(row, member)
        _store(row, [one for one in row.staff if one is not entry], now)
        audit.record(f"member:{member.ulid}", "seller.staff_declined", target=f"seller:{seller_ulid}")


def set_staff_roles(*, seller_ulid: str, entry: str, roles: Iterable[str], member: Member, now: dt.datetime) -> Entry:
    """Other roles for one of the people, from the next page on. Of the owner alone. Raises NotFound, InvalidInput (roles)."""
    with transaction.atomic():
        row = _owned(seller_ulid, member)
        found = _entry(row, entry)
        changed = {**found, "roles": _checked(roles)}
        if changed != found:
            _store(row, [changed if one is found else one for one in row.staff], now)
            audit.record(
                f"member:{member.ulid}",
                "seller.staff_roles",
                target=f"seller:{seller_ulid}",
                person=_who(found),
                before=found["roles"],
                after=changed["roles"],
            )
    return changed


def remove_staff(*, seller_ulid: str, entry: str, member: Member, now: dt.datetime) -> None:
    """Somebody works here no longer, or his invitation is withdrawn; his next page is refused. Of the owner. Raises NotFound."""
    with transaction.atomic():
        row = _owned(seller_ulid, member)
        _drop(row, _entry(row, entry), actor=f"member:{member.ulid}", action="seller.staff_removed", now=now)


def leave_staff(*, seller_ulid: str, member: Member, now: dt.datetime) -> None:
    """Somebody leaves a shop he works in; its owner cannot. Raises NotFound."""
    with transaction.atomic():
        row = locked(seller_ulid)
        found = next((one for one in row.staff if one.get("member") == member.ulid), None)
        if found is None:
            raise NotFound
        _drop(row, found, actor=f"member:{member.ulid}", action="seller.staff_left", now=now)


def _drop(row: Seller, entry: Entry, *, actor: str, action: str, now: dt.datetime) -> None:
    _store(row, [one for one in row.staff if one is not entry], now)
    audit.record(actor, action, target=f"seller:{row.ulid}", person=_who(entry), before=entry["roles"])


def _owned(seller_ulid: str, member: Member) -> Seller:
    row = locked(seller_ulid)
    if row.owner_id != member.pk:
        raise NotFound
    return row


def _invited(row: Seller, member: Member) -> Entry:
    phone = member.user.phone if member.user.phone_verified else ""
    found: Entry | None = next((one for one in row.staff if phone and one.get("phone") == phone), None)
    if found is None or row.state in ENDED:
        raise NotFound
    return found


def _entry(row: Seller, ulid: str) -> Entry:
    found = entry_of(row.staff, ulid)
    if found is None:
        raise NotFound
    return found


def _checked(roles: Iterable[str]) -> list[str]:
    wanted: tuple[ShopRole, ...] = clean_roles(roles)
    if not wanted:
        raise InvalidInput(gettext("Tick at least one role."), field="roles")
    return [role.value for role in wanted]


def _who(entry: Entry) -> str:
    return str(entry.get("member", "")) or f"invitation:{entry['ulid']}"


def _store(row: Seller, staff: list[Entry], now: dt.datetime) -> None:
    row.staff, row.updated_at = staff, now
    row.save(update_fields=["staff", "updated_at"])
