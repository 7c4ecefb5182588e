"""Random sequences of ledger commands against an independent book in plain Python (A1-b).

CASES scales the number of sequences: 200 at 1, 2 000 at 10.
"""

import os

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from saas.ledger import selectors, services
from saas.ledger.services import Move
from tests.saas.ledger.test_post_entry import NOW, commit_checks

ACCOUNTS = ["channel.wechat", "house", "order.escrow.A", "order.escrow.B", "member.wallet.A", "debt.member.A"]
BOUNDED = {"order.escrow.A", "order.escrow.B", "member.wallet.A"}
account = st.sampled_from(ACCOUNTS)
amount = st.integers(1, 50)
move = st.tuples(account, account, amount).filter(lambda one: one[0] != one[1])
key = st.integers(0, 12).map("k{}".format)


class Refused(Exception):
    """The oracle says no."""


class Book:
    """The oracle: dictionaries and nothing clever."""

    def __init__(self):
        self.posted = dict.fromkeys(ACCOUNTS, 0)
        self.entries = {}  # key -> (body, change)
        self.holds = {}  # key -> body
        self.resolved = {}  # hold key -> (key, outcome)
        self.reversed = {}  # entry key -> reversal key

    def held(self, name, side):
        return sum(one[2] for hold, one in self.holds.items() if hold not in self.resolved and one[side] == name)

    def check(self, posted):
        for name in ACCOUNTS:
            if name in BOUNDED and posted[name] - self.held(name, 0) < 0:
                raise Refused
            if name.startswith("debt") and posted[name] + self.held(name, 1) > 0:
                raise Refused

    def post(self, key, body, change):
        if key in self.entries:
            if self.entries[key][0] != body:
                raise Refused
            return
        posted = {name: self.posted[name] + change.get(name, 0) for name in ACCOUNTS}
        self.check(posted)
        self.posted = posted
        self.entries[key] = (body, change)

    def move(self, key, moves):
        change = {}
        for source, destination, value in moves:
            change[source] = change.get(source, 0) - value
            change[destination] = change.get(destination, 0) + value
        change = {name: value for name, value in change.items() if value}
        if not change:
            raise Refused
        self.post(key, ("move", sorted(change.items())), change)

    def hold(self, key, body):
        if key in self.holds:
            if self.holds[key] != body:
                raise Refused
            return
        self.holds[key] = body
        try:
            self.check(self.posted)
        except Refused:
            del self.holds[key]
            raise

    def resolve(self, hold, key, outcome):
        if hold not in self.holds:
            raise Refused
        if hold in self.resolved:
            if self.resolved[hold] != (key, outcome):
                raise Refused
            return
        if any(one[0] == key for one in self.resolved.values()) or (outcome == "posted" and key in self.entries):
            raise Refused
        self.resolved[hold] = (key, outcome)
        if outcome == "posted":
            source, destination, value = self.holds[hold]
            self.post(key, ("hold", hold), {source: -value, destination: value})

    def reverse(self, key, entry):
        if key in self.entries:
            if self.entries[key][0] != ("reversal", entry):
                raise Refused
            return
        if entry not in self.entries or entry in self.reversed or self.entries[entry][0][0] == "reversal":
            raise Refused
        change = {name: -value for name, value in self.entries[entry][1].items()}
        self.post(key, ("reversal", entry), change)
        self.reversed[entry] = key


class BookMachine(RuleBasedStateMachine):
    """Each rule runs against both books; both do it or both refuse."""

    def __init__(self):
        super().__init__()
        self.oracle = Book()
        self.scope = transaction.atomic()
        self.scope.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)

    def both(self, oracle, real):
        try:
            oracle()
            refused = False
        except Refused:
            refused = True
        try:
            with transaction.atomic():
                real()
                commit_checks()
            assert not refused, "the ledger did what the oracle refuses"
        except services.DomainError as error:
            assert refused, f"the ledger refused what the oracle does: {error!r}"

    @rule(key=key, moves=st.lists(move, min_size=1, max_size=3))
    def post(self, key, moves):
        self.both(
            lambda: self.oracle.move(key, moves),
            lambda: services.post_entry(
                key=key, kind="x", document="d", occurred_at=NOW, moves=[Move(*one) for one in moves]
            ),
        )

    @rule(key=key, body=move)
    def hold(self, key, body):
        self.both(
            lambda: self.oracle.hold(key, body),
            lambda: services.place_hold(
                key=key, kind="x", document="d", occurred_at=NOW, source=body[0], destination=body[1], amount=body[2]
            ),
        )

    @rule(hold=key, key=key)
    def post_hold(self, hold, key):
        self.both(
            lambda: self.oracle.resolve(hold, key, "posted"),
            lambda: services.post_hold(hold_key=hold, key=key, occurred_at=NOW),
        )

    @rule(hold=key, key=key)
    def void_hold(self, hold, key):
        self.both(
            lambda: self.oracle.resolve(hold, key, "voided"),
            lambda: services.void_hold(hold_key=hold, key=key, occurred_at=NOW),
        )

    @rule(key=key, entry=key)
    def reverse(self, key, entry):
        self.both(
            lambda: self.oracle.reverse(key, entry),
            lambda: services.reverse_entry(key=key, entry_key=entry, occurred_at=NOW),
        )

    @invariant()
    def agree(self):
        found = selectors.balances(ACCOUNTS)
        for name in ACCOUNTS:
            oracle = (self.oracle.posted[name], self.oracle.held(name, 0), self.oracle.held(name, 1))
            assert (found[name].posted, found[name].held_out, found[name].held_in) == oracle, name


@pytest.mark.django_db
def test_agrees_with_the_plain_book(grocery):
    cases = 200 * int(os.environ.get("CASES", "1"))
    run_state_machine_as_test(
        BookMachine,
        settings=settings(
            max_examples=cases, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert selectors.check_ledger() == []
