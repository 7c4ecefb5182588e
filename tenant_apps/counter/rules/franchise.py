"""The checklist of a franchised store (MODES 14 #20, 商业特许经营管理条例): warnings, never a refusal. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.claims import forbidden_claims

DISCLOSURE_DAYS = 30
_EARNINGS = (
    r"(月|年|日)\s*(收入|利润|流水|营业额)|(收益|利润|回报|回本|盈利|净赚|分红)",
    r"(?i)\b(earn(s|ings?)?|profits?|incomes?|returns?|payback|break[- ]even)\b",
)


class Gap(StrEnum):
    """What the checklist still misses."""

    DISCLOSURE_MISSING = "disclosure_missing"
    CONTRACT_TOO_EARLY = "contract_too_early"
    FILING_MISSING = "filing_missing"
    EARNINGS_NAMED = "earnings_named"


@dataclass(frozen=True, kw_only=True)
class Franchise:
    """What is on file about a store that is run under the mall's name. `applies` False: it is no franchise."""

    applies: bool = False
    disclosed_on: dt.date | None = None
    contract_on: dt.date | None = None
    filing_number: str = ""
    recruiting_text: str = ""


def earliest_contract(disclosed_on: dt.date) -> dt.date:
    """The first day on which the contract may be signed: thirty days after the disclosure file was handed over."""
    return disclosed_on + dt.timedelta(days=DISCLOSURE_DAYS)


def gaps(franchise: Franchise) -> list[Gap]:
    """What is missing, in the order of the checklist; nothing for a store that is no franchise."""
    if not franchise.applies:
        return []
    found = []
    if franchise.disclosed_on is None:
        found.append(Gap.DISCLOSURE_MISSING)
    elif franchise.contract_on is not None and franchise.contract_on < earliest_contract(franchise.disclosed_on):
        found.append(Gap.CONTRACT_TOO_EARLY)
    if not franchise.filing_number:
        found.append(Gap.FILING_MISSING)
    if earnings_named(franchise.recruiting_text):
        found.append(Gap.EARNINGS_NAMED)
    return found


def earnings_named(text: str) -> list[str]:
    """The passages of a recruiting text that speak of earnings."""
    named = [match.group().strip() for one in _EARNINGS for match in re.finditer(one, text)]
    return list(dict.fromkeys([*forbidden_claims(text), *named]))


def to_json(franchise: Franchise) -> dict[str, str]:
    """As a store keeps it; what is no franchise keeps nothing."""
    if not franchise.applies:
        return {}
    return {
        "disclosed_on": str(franchise.disclosed_on or ""),
        "contract_on": str(franchise.contract_on or ""),
        "filing_number": franchise.filing_number,
        "recruiting_text": franchise.recruiting_text,
    }


def from_json(stored: Mapping[str, str]) -> Franchise:
    """The checklist that `to_json` kept."""
    if not stored:
        return Franchise()
    days = {
        name: dt.date.fromisoformat(stored[name]) if stored[name] else None for name in ("disclosed_on", "contract_on")
    }
    return Franchise(
        applies=True, filing_number=stored["filing_number"], recruiting_text=stored["recruiting_text"], **days
    )
