"""A member's account is closed: his lots are void, his vouchers and gold lapse (MODES 2, edge cases). What he spent stays spent."""

import datetime as dt

from saas.identity import audit
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes.subsidy.services import ending, lots
from tenant_apps.settlement.rules import wallet_of
from tenant_apps.settlement.services.subsidy_vouchers import RESERVE


@retried_transaction
def close_lots(*, member_ulid: str, now: dt.datetime) -> int:
    """Void a closed account's lots pool by pool and write off its vouchers; fen that go back to the funds. Twice: nothing more.

    The lots of a shop stay with the shop: whoever owns it next draws them.
    """
    back = 0
    for key in ending.pools_of(member_ulid):
        pool = lots.lock_pool(key, now=now)
        ended = ending.end_lots(pool=pool, member_ulid=member_ulid)
        moves = [Move(account, pool.account, amount) for account, amount in ended.returned if amount]
        moves += [Move(account, "issued", points, "POINT") for account, points in ended.points if points]
        lapsed = [Move(RESERVE, pool.account, ended.vouchers)] if ended.vouchers else []
        for kind, legs in (("subsidy.closed", moves), ("subsidy.expired", lapsed)):
            if legs:
                ledger.post_entry(
                    key=f"{kind}:{member_ulid}:{key or 'mall'}:{ended.newest}",
                    kind=kind,
                    moves=legs,
                    document=f"member:{member_ulid}",
                    occurred_at=now,
                )
        back += sum(amount for _account, amount in ended.returned) + ended.vouchers
    gold = book.available(wallet_of(member_ulid), "GOLD")
    if gold > 0:
        ledger.post_entry(
            key=f"gold:closed:{member_ulid}",
            kind="subsidy.gold_lapsed",
            moves=[Move(wallet_of(member_ulid), "issued", gold, "GOLD")],
            document=f"member:{member_ulid}",
            occurred_at=now,
        )
    if back or gold > 0:
        audit.record("system", "subsidy.lots_lapsed", target=f"member:{member_ulid}", returned=back, gold=max(0, gold))
    return back
