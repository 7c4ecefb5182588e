"""Turnover by member and day: what ranks rest on. Kept by the events of orders, downward of them (DESIGN 2)."""

import datetime as dt
from typing import Any

from django.db import connection, transaction

from saas.messaging.bus import services as bus

_ADD = """
INSERT INTO members_turnover AS kept (member_id, day, own_amount, direct_amount)
SELECT m.id, %(day)s,
       CASE WHEN m.ulid = %(member)s THEN %(amount)s ELSE 0 END,
       CASE WHEN m.ulid = %(referrer)s THEN %(amount)s ELSE 0 END
  FROM members_member m WHERE m.ulid IN (%(member)s, %(referrer)s) ORDER BY m.id
ON CONFLICT (member_id, day) DO UPDATE SET
    own_amount = kept.own_amount + excluded.own_amount, direct_amount = kept.direct_amount + excluded.direct_amount
"""


def add_turnover(
    *, member_ulid: str, referrer_ulid: str, day: dt.date, amount: int, key: str, reason: str, now: dt.datetime
) -> None:
    """Count `amount` fen of completed purchases (negative: refunded) for the buyer and for who referred him.

    Rows are taken in the order of members, so two orders never wait for each other. Sums do not care for the order of
    events; each event is handled once by the bus. Publishes `member.turnover_changed` under `key`.
    """
    if not amount:
        return
    values: dict[str, Any] = {"member": member_ulid, "referrer": referrer_ulid, "day": day, "amount": amount}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ADD, values)
        touched = [ulid for ulid in (member_ulid, referrer_ulid) if ulid]
        bus.publish("member.turnover_changed", {"members": touched, "reason": reason}, key=key)
