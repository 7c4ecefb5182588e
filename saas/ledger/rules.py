"""The chart of accounts (MODES 1.3) and what a command's body is. Pure."""

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from saas.kernel.errors import DomainError

SHARDS = 16
CNY = "CNY"
ASSETS = frozenset({CNY, "POINT", "COIN", "GOLD", "ADPOINT"})
LARGEST_AMOUNT = 2**53


class UnknownAccount(DomainError):
    """The code belongs to no family of the chart: a programming error or a wrong document."""

    code = "unknown_account"
    http_status = 422
    message = "There is no account “{account}” in the chart."


class InvalidEntry(DomainError):
    """The moves make no entry: none, not positive, onto the same account, unknown asset, or they cancel out."""

    code = "invalid_entry"
    http_status = 422
    message = "These moves make no entry: {why}."


@dataclass(frozen=True)
class Family:
    """Accounts of one kind. `minimum` binds posted − outgoing holds, `maximum` posted + incoming holds; None: unbounded.

    A hot family is kept in SHARDS rows an account, so that writers do not queue; such an account has no bound.
    """

    prefix: str
    exact: bool = False  # the prefix itself is an account
    parts: bool = True  # prefix.<something> is an account
    minimum: int | None = None
    maximum: int | None = None
    hot: bool = False
    clearing: bool = False
    own: bool = False  # one account a document, new when money first arrives


CHART: tuple[Family, ...] = (
    Family("channel", hot=True),  # the outside world; negative = the mall's money held there
    Family("bank", exact=True, parts=False, hot=True),
    Family("clearing", hot=True, clearing=True),  # payment, refund, withdrawal …: 0 when the document is finished
    Family("order.escrow", minimum=0, own=True),
    Family("seller.payable", minimum=0),
    Family("seller.credit", minimum=0),  # fees given back: they pay the seller's next service fees
    Family("member.wallet", minimum=0),
    Family("store.wallet", minimum=0),
    Family("agent.wallet", minimum=0),
    Family("debt", maximum=0),  # what a payee owes, negative
    Family("pool", exact=True, minimum=0),
    Family("cohort", minimum=0),
    Family("voucher.reserve", exact=True, parts=False, minimum=0),
    Family("accrual", minimum=0),
    Family("deposit", minimum=0),
    Family("prepaid", minimum=0),  # what a store owes on its stored-value cards
    Family("fee", hot=True),
    Family("tax", hot=True),
    Family("house", exact=True, parts=False, hot=True),
    Family("own_goods", exact=True, parts=False, hot=True),
    Family("issued", exact=True, parts=False, hot=True),  # the far side of POINT, COIN, GOLD and ADPOINT
    Family("vendor.balance"),  # control: what a vendor has paid ahead or owes
    Family("revenue", hot=True),  # control
)

_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)*")


@functools.lru_cache(maxsize=4096)
def family_of(account: str) -> Family:
    """The family of an account code. Raises UnknownAccount."""
    if len(account) <= 80 and _CODE.fullmatch(account):
        for family in CHART:
            if (family.exact and account == family.prefix) or (
                family.parts and account.startswith(family.prefix + ".")
            ):
                return family
    raise UnknownAccount(account=account)


@dataclass(frozen=True)
class Move:
    """`amount` > 0 (fen, or the asset's unit) leaves `source` and arrives at `destination`."""

    source: str
    destination: str
    amount: int
    asset: str = CNY


class Leg(NamedTuple):
    """A signed change of one account: what a posting row will say."""

    account: str
    asset: str
    amount: int
    hot: bool


def check_move(move: Move) -> None:
    """Raise InvalidEntry or UnknownAccount unless the move could be posted for its form."""
    if isinstance(move.amount, bool) or not isinstance(move.amount, int) or not 0 < move.amount <= LARGEST_AMOUNT:
        raise InvalidEntry(why=f"the amount {move.amount!r} is not a positive whole number")
    if move.source == move.destination:
        raise InvalidEntry(why=f"{move.source} to itself")
    if move.asset not in ASSETS:
        raise InvalidEntry(why=f"unknown asset {move.asset}")
    family_of(move.source)
    family_of(move.destination)


def net_legs(moves: Sequence[Move]) -> list[Leg]:
    """The moves as one leg an account and asset; accounts that money only passes through drop out.

    Raises InvalidEntry, UnknownAccount.
    """
    net: dict[tuple[str, str], int] = {}
    for move in moves:
        check_move(move)
        for account, amount in ((move.source, -move.amount), (move.destination, move.amount)):
            net[account, move.asset] = net.get((account, move.asset), 0) + amount
    legs = [Leg(account, asset, amount, family_of(account).hot) for (account, asset), amount in net.items() if amount]
    if not legs:
        raise InvalidEntry(why="nothing moves")
    return sorted(legs)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def body_hash(*parts: object) -> str:
    """What must be equal when a key is used again: kind, document, accounts, amounts; not the times and not the memo."""
    return hashlib.sha256(_encode(parts).encode()).hexdigest()


def chain(previous: str, canonical: str) -> str:
    """The next link of the seal over an entry's canonical text."""
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def opens(legs: Iterable[Leg]) -> bool:
    """Whether money arrives on an account that is probably not open yet."""
    return any(leg.amount > 0 and family_of(leg.account).own for leg in legs)


def bounded_sources(legs: Iterable[Leg]) -> list[str]:
    """Accounts of the legs that could lack the money."""
    return [leg.account for leg in legs if leg.amount < 0 and family_of(leg.account).minimum is not None]
