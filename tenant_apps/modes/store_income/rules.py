"""Awards of a line to stores (MODES 9b): the buyer's store, and the one that hands over. Pure."""

from saas.kernel.money import pct
from tenant_apps.modes import overrides
from tenant_apps.modes.contract import Award, BaseMode, LineFacts, PayeeKind, SaleFacts
from tenant_apps.modes.store_income.settings import StoreIncomeSettings


def rate_of(settings: StoreIncomeSettings, line: LineFacts) -> int:
    """The store's share that holds for a line, in ppm."""
    found = overrides.narrowest(settings.overrides_index, line)
    return settings.rate_ppm if found is None else found[0]


def awards(settings: StoreIncomeSettings, line: LineFacts, sale: SaleFacts) -> tuple[Award, ...]:
    """The store's share (not of gift packs), then the award for handing over, on the order's first line alone."""
    made = []
    if line.is_plain:
        rate = rate_of(settings, line)
        made.append(_award(line, "store", sale.buyer.store, rate, pct(line.cash, rate)))
    if sale.pickup_line == line.line:
        rate = settings.pickup_ppm
        amount = pct(line.cash, rate) if rate else settings.pickup_fen
        made.append(_award(line, "pickup", sale.pickup_store, rate, amount))
    return tuple(one for one in made if one.amount and one.payee and one.payee != line.seller.store)


def _award(line: LineFacts, kind: str, store: str, rate: int, amount: int) -> Award:
    return Award(
        mode="store_income",
        kind=kind,
        payee=store,
        payee_kind=PayeeKind.STORE,
        base=BaseMode.PAID,
        base_amount=line.cash,
        rate_ppm=rate,
        amount=amount,
        full_amount=amount,
    )
