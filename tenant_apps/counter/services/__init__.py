"""Writes of the counter, one module a subject: other packages call them as `cards.redeem_visits(…)`."""
