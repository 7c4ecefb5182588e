"""Telephone numbers as we keep them: E.164. A number without a country code is one of mainland China."""

import phonenumbers
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import InvalidInput


class NotAPhone(InvalidInput):
    """The text is not a possible mobile number."""

    code = "not_a_phone"
    message = _("Enter a valid mobile number.")


_CHINA_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def normalise_phone(text: str) -> str:
    """`138 0000 1234`, `+86 13800001234` → `+8613800001234`. Raises NotAPhone."""
    try:
        number = phonenumbers.parse(text.strip(), "CN")
    except phonenumbers.NumberParseException:
        raise NotAPhone(field="phone") from None
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone(field="phone")
    if number.country_code == 86 and phonenumbers.number_type(number) not in _CHINA_MOBILE:
        raise NotAPhone(field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(target: str) -> str:
    """A number as people here read it: mainland numbers without their country code; anything else as it is."""
    return target.removeprefix("+86")
