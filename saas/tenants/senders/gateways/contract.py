"""The words of the adapters."""

from dataclasses import dataclass

TIMEOUT_SECONDS = 8


@dataclass(frozen=True)
class Check:
    """One result of trying an account or a template. `name` and `detail` are English msgids or the provider's words."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """A provider's report on one message."""

    provider_id: str
    delivered: bool
    detail: str = ""
