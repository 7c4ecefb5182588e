"""A member's delivery addresses: checked, at most twenty, one of them the default."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity.phones import NotAPhone, normalise_phone
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from tenant_apps.members import divisions, selectors
from tenant_apps.members.models import Address, Member

MAX_ADDRESSES = 20


class TooManyAddresses(DomainError):
    """The address book is full."""

    code = "too_many_addresses"
    message = _("You can keep at most {limit} addresses.")


@dataclass(frozen=True)
class AddressInput:
    """What a person fills in. Codes are six-digit division codes; a street's nine digits may be left open."""

    name: str
    phone: str
    province_code: str
    city_code: str
    district_code: str
    detail: str
    is_default: bool = False
    street_code: str = ""


def add_address(*, member: Member, given: AddressInput, now: dt.datetime) -> Address:
    """A new address. The first becomes the default. Raises InvalidInput, UnknownDivision, TooManyAddresses."""
    address = Address(ulid=new_ulid(), member=member, created_at=now)
    _fill(address, given)
    with transaction.atomic():
        Member.objects.select_for_update().get(pk=member.pk)
        count = Address.objects.filter(member=member).count()
        if count >= MAX_ADDRESSES:
            raise TooManyAddresses(limit=MAX_ADDRESSES)
        _make_default(address, given.is_default or count == 0)
        address.save(force_insert=True)
    return address


def checked_address(*, given: AddressInput) -> Address:
    """What somebody fills in as an address that is stored nowhere. Raises InvalidInput, UnknownDivision, UnknownStreet."""
    address = Address()
    _fill(address, given)
    return address


def change_address(*, member: Member, ulid: str, given: AddressInput) -> Address:
    """Replace what an address says. Raises NotFound, InvalidInput, UnknownDivision. Past orders keep their copy."""
    with transaction.atomic():
        Member.objects.select_for_update().get(pk=member.pk)
        address = selectors.address(member, ulid)
        _fill(address, given)
        _make_default(address, given.is_default or address.is_default)
        address.save()
    return address


def remove_address(*, member: Member, ulid: str) -> None:
    """Delete an address; the newest one left becomes the default. Raises NotFound."""
    with transaction.atomic():
        Member.objects.select_for_update().get(pk=member.pk)
        address = selectors.address(member, ulid)
        address.delete()
        heir = Address.objects.filter(member=member).order_by("-pk").first()
        if address.is_default and heir is not None:
            heir.is_default = True
            heir.save(update_fields=["is_default"])


def _fill(address: Address, given: AddressInput) -> None:
    name, detail = given.name.strip(), given.detail.strip()
    if not 1 <= len(name) <= 40:
        raise InvalidInput(gettext("Enter the recipient's name."), field="name")
    if not 2 <= len(detail) <= 120:
        raise InvalidInput(gettext("Enter street, building and door."), field="detail")
    try:
        phone = normalise_phone(given.phone)
    except NotAPhone as error:
        raise InvalidInput(error.text, field="phone") from error
    place = divisions.place(given.province_code, given.city_code, given.district_code)
    street = divisions.street(place.district.code, given.street_code) if given.street_code else None
    address.name, address.detail, address.phone = name, detail, phone
    address.province_code, address.province = place.province.code, place.province.name
    address.city_code, address.city = place.city.code, place.city.name
    address.district_code, address.district = place.district.code, place.district.name
    address.street_code, address.street = (street.code, street.name) if street else ("", "")


def _make_default(address: Address, wanted: bool) -> None:
    if wanted:
        Address.objects.filter(member_id=address.member_id, is_default=True).exclude(pk=address.pk).update(
            is_default=False
        )
    address.is_default = wanted
