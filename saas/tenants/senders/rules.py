"""How a mall, or the platform, reaches people: providers, templates, the month's ceiling. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Medium(StrEnum):
    """What a sender sends."""

    SMS = "sms"
    EMAIL = "email"


class Provider(StrEnum):
    """Who carries it."""

    ALIYUN = "aliyun"
    TENCENT = "tencent"
    SMTP = "smtp"


MEDIUM_OF = {Provider.ALIYUN: Medium.SMS, Provider.TENCENT: Medium.SMS, Provider.SMTP: Medium.EMAIL}
# What a provider's form asks for; the ones in SECRETS are sealed and never shown again.
FIELDS: dict[Provider, tuple[str, ...]] = {
    Provider.ALIYUN: ("key_id", "key_secret", "signature"),
    Provider.TENCENT: ("key_id", "key_secret", "app_id", "signature"),
    Provider.SMTP: ("host", "port", "security", "user", "password", "from_email", "from_name"),
}
SECRETS = frozenset({"key_secret", "password"})
OPTIONAL = frozenset({"user", "password", "from_name"})
SECURITY = ("starttls", "tls", "none")
PORTS = (25, 465, 587, 2465, 2525, 2587)
RESERVE_PERCENT = 20  # of the month's ceiling, kept for codes
KEPT_DAYS = 5  # of the count by day, which control is told


@dataclass(frozen=True)
class Account:
    """A provider's account with its secrets: never logged, never shown."""

    provider: Provider
    values: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class Template:
    """The provider's template of a kind of notice, and what fills it, in the provider's order.

    A parameter is `name` or `variable:name`: the provider's variable and our placeholder.
    """

    template: str
    parameters: tuple[str, ...] = ()

    def fill(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """(the provider's variable, its value) in order. Raises KeyError for a placeholder that the kind does not have."""
        pairs = (one.partition(":") for one in self.parameters)
        return [(variable, values[name or variable]) for variable, _colon, name in pairs]


def parse_parameters(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """The parameters of a template from what was typed, separated by commas. Raises ValueError with the unknown one."""
    found = tuple(part.strip() for part in text.replace("，", ",").split(",") if part.strip())
    for one in found:
        variable, colon, name = one.partition(":")
        if not variable or (name if colon else variable) not in known:
            raise ValueError(one)
    return found


def may_send(*, used: int, ceiling: int | None, essential: bool) -> bool:
    """Whether one more may go out this month: codes up to the ceiling, everything else until the reserve begins."""
    return ceiling is None or used < (ceiling if essential else reserve_from(ceiling))


def reserve_from(ceiling: int) -> int:
    """From how many on only codes are sent."""
    return ceiling - ceiling * RESERVE_PERCENT // 100


def told_at(*, used: int, ceiling: int) -> int:
    """Which warning a month's use is worth: 0, 80 (the reserve has begun) or 100 (nothing is left)."""
    if used >= ceiling:
        return 100
    return 100 - RESERVE_PERCENT if used >= reserve_from(ceiling) else 0


def counted_day(days: Mapping[str, int], day: str, more: int) -> dict[str, int]:
    """The count by day with `more` on one of them; the last KEPT_DAYS days stay."""
    found = {**days, day: max(days.get(day, 0) + more, 0)}
    return {one: found[one] for one in sorted(found)[-KEPT_DAYS:]}
