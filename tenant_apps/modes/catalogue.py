"""The catalogue of modes: what each does in one sentence, and which legal guard-rails (MODES 14) speak about it. Pure.

What is said here is for people who choose; what holds is in each mode's settings and rules.
"""

from dataclasses import dataclass
from enum import StrEnum

from tenant_apps.modes.contract import noop as _


class Flag(StrEnum):
    """How loud the law speaks: an ordinary rule of the trade, something to read first, or an operator's approval."""

    PLAIN = "plain"
    CAUTION = "caution"
    APPROVAL = "approval"


@dataclass(frozen=True)
class Entry:
    """One mode as the catalogue shows it. `rules` are numbers of MODES 14."""

    sentence: str
    flag: Flag = Flag.PLAIN
    rules: tuple[int, ...] = ()


ENTRIES: dict[str, Entry] = {
    "distribution": Entry(
        _("The person who introduced a buyer earns from the purchase, and so does the person above him."),
        Flag.CAUTION,
        (1, 4, 5),
    ),
    "differential": Entry(
        _("Promoters reach ranks V1 to V3 by turnover; each earns what his rate exceeds the ranks below him."),
        Flag.CAUTION,
        (1, 2, 5, 6),
    ),
    "partner_membership": Entry(
        _("Members buy a yearly membership with a price of their own; the store that won them has half of the fee."),
        Flag.CAUTION,
        (3, 4),
    ),
    "gift_pack": Entry(
        _("A pack of goods at its normal price grants a rank or an agency and pays shares of its own."),
        Flag.CAUTION,
        (3, 4, 5, 15),
    ),
    "link21": Entry(
        _("Buyers of the entry product become agents and, after two direct sales, bosses who earn from their line."),
        Flag.APPROVAL,
        (1, 4, 5, 6),
    ),
    "store_income": Entry(
        _("Stores earn from the purchases of the people they won, and for handing goods over."), Flag.PLAIN, (16, 20)
    ),
    "regional": Entry(
        _("Agents of a street, district, city or province share the orders that are sent into their area."),
        Flag.CAUTION,
        (16, 17, 20),
    ),
    "manager_award": Entry(
        _("Managers of a shop earn by tier from the shop's own completed turnover of the month."), Flag.PLAIN, (5,)
    ),
    "shop_growth": Entry(_("Growing shops get a part of the fees they paid back."), Flag.PLAIN, ()),
    "merchant_referral": Entry(
        _("Who brings a merchant or store in earns once, or from its fees for a while; one level only."),
        Flag.CAUTION,
        (2, 3),
    ),
    "advertising": Entry(
        _("Shoppers share the advertising income that the mall has booked and received."), Flag.CAUTION, (8, 9)
    ),
    "coins": Entry(
        _("Purchases give shopping coins that pay a part of later ones; they are no money, and end."), Flag.PLAIN, (8, 9)
    ),
    "subsidy": Entry(
        _("A part of sellers' concessions returns to shoppers and sellers as vouchers, out of a pool that cannot be overdrawn."),
        Flag.APPROVAL,
        (7, 8, 9, 10, 11),
    ),
}  # fmt: skip

NO_SENTENCE = Entry("")


def entry(mode: str) -> Entry:
    """What the catalogue says of a mode; nothing of one it does not know."""
    return ENTRIES.get(mode, NO_SENTENCE)
