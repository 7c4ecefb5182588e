"""The database's own guards: what the app role cannot do over a bare connection, whatever the code says (A1-a)."""

import psycopg
import pytest
from django.db import connection

from saas.ledger import rules, services
from tests.environment import DATABASE, SERVER
from tests.saas.ledger.test_post_entry import NOW, post

SCHEMA = "t_test_grocery"


@pytest.fixture
def book(committed):
    """A bare connection of the app role without a search path, onto a book with one paid order, a wallet and a hold."""
    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.models import Mall

    connection.set_schema_to_public()
    with in_mall(Mall.objects.get(schema_name=SCHEMA)):
        post("paid", ("channel.wechat", "order.escrow.A", 1000), ("channel.wechat", "member.wallet.A", 50))
        post("points", ("issued", "member.wallet.A", 50, "POINT"))
        services.place_hold(
            key="award", kind="award", source="order.escrow.A", destination="member.wallet.A", amount=100,
            document="order:A", occurred_at=NOW,
        )  # fmt: skip
    with psycopg.connect(SERVER.url(DATABASE)) as bare:
        bare.execute("SET search_path = ''")
        bare.commit()
        yield bare


def accounts(bare):
    return bare.execute(f"SELECT * FROM {SCHEMA}.ledger_account ORDER BY id").fetchall()


def account(code, asset="CNY"):
    return (
        f"(SELECT id FROM {SCHEMA}.ledger_account WHERE code = '{code}' AND asset = '{asset}' ORDER BY posted LIMIT 1)"
    )


def entry(*legs, key="forged", columns="", values=""):
    """SQL of an entry with legs (account id expression, asset, amount)."""
    rows = ", ".join(f"((SELECT id FROM e), {where}, '{asset}', {amount})" for where, asset, amount in legs)
    return (
        f"WITH e AS (INSERT INTO {SCHEMA}.ledger_entry (key, body_hash, kind, document, occurred_at{columns})"
        f" VALUES ('{key}', 'x', 'forged', 'order:A', now(){values}) RETURNING id)"
        f" INSERT INTO {SCHEMA}.ledger_posting (entry_id, account_id, asset, amount) VALUES {rows}"
    )


WALLET, ESCROW, CHANNEL = account("member.wallet.A"), account("order.escrow.A"), account("channel.wechat")
OLD_ENTRY = f"(SELECT id FROM {SCHEMA}.ledger_entry WHERE key = 'paid')"
FORBIDDEN = {
    "unbalanced": entry((CHANNEL, "CNY", -10), (WALLET, "CNY", 11)),
    "one leg": entry((WALLET, "CNY", 10)),
    "no leg": f"INSERT INTO {SCHEMA}.ledger_entry (key, body_hash, kind, document, occurred_at)"
    " VALUES ('bare', 'x', 'forged', '', now())",
    "zero leg": entry((CHANNEL, "CNY", 0), (WALLET, "CNY", 0)),
    "unequal assets": entry((CHANNEL, "CNY", -10), (account("member.wallet.A", "POINT"), "POINT", 10)),
    "leg of an asset that the account is not of": entry((CHANNEL, "POINT", -10), (WALLET, "POINT", 10)),
    "overdraft": entry((WALLET, "CNY", -51), (CHANNEL, "CNY", 51)),
    "spending what is held": entry((ESCROW, "CNY", -901), (CHANNEL, "CNY", 901)),
    "leg onto an old entry": f"INSERT INTO {SCHEMA}.ledger_posting (entry_id, account_id, asset, amount) VALUES"
    f" ({OLD_ENTRY}, {CHANNEL}, 'CNY', -5), ({OLD_ENTRY}, {WALLET}, 'CNY', 5)",
    "update of a leg": f"UPDATE {SCHEMA}.ledger_posting SET amount = amount * 2",
    "update of an entry": f"UPDATE {SCHEMA}.ledger_entry SET document = 'order:B'",
    "delete of legs": f"DELETE FROM {SCHEMA}.ledger_posting",
    "delete of an entry": f"DELETE FROM {SCHEMA}.ledger_entry",
    "truncate": f"TRUNCATE {SCHEMA}.ledger_posting",
    "truncate by cascade": f"TRUNCATE {SCHEMA}.ledger_account CASCADE",
    "edit of a balance": f"UPDATE {SCHEMA}.ledger_account SET posted = posted + 1",
    "edit of a bound": f"UPDATE {SCHEMA}.ledger_account SET minimum = NULL",
    "delete of an account": f"DELETE FROM {SCHEMA}.ledger_account",
    "disabled trigger": f"ALTER TABLE {SCHEMA}.ledger_posting DISABLE TRIGGER ALL",
    "dropped trigger": f"DROP TRIGGER ledger_posting_check ON {SCHEMA}.ledger_posting",
    "replaced function": f"CREATE OR REPLACE FUNCTION {SCHEMA}.ledger_check_leg() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'",
    "replication role": "SET session_replication_role = replica",
    "key used again": entry((CHANNEL, "CNY", -10), (WALLET, "CNY", 10), key="paid"),
    "account outside the chart": f"INSERT INTO {SCHEMA}.ledger_account (code, asset) VALUES ('gift.A', 'CNY')",
    "hold of more than there is": f"INSERT INTO {SCHEMA}.ledger_hold (key, body_hash, kind, document, source_id,"
    " destination_id, asset, amount, occurred_at)"
    f" VALUES ('h', 'x', 'x', '', {ESCROW}, {WALLET}, 'CNY', 901, now())",
    "negative hold": f"INSERT INTO {SCHEMA}.ledger_hold (key, body_hash, kind, document, source_id,"
    " destination_id, asset, amount, occurred_at)"
    f" VALUES ('h', 'x', 'x', '', {ESCROW}, {WALLET}, 'CNY', -1, now())",
    "resolution of a hold as posted without its entry": f"INSERT INTO {SCHEMA}.ledger_holdresolution"
    f" (hold_id, key, outcome, occurred_at) SELECT id, 'r', 'posted', now() FROM {SCHEMA}.ledger_hold",
    "removal of a hold": f"DELETE FROM {SCHEMA}.ledger_hold",
    "reversal that reverses something else": entry(
        (WALLET, "CNY", -5), (CHANNEL, "CNY", 5), columns=", reverses_id", values=f", {OLD_ENTRY}"
    ),
}


def test_app_role_is_refused(book):
    before = accounts(book)
    allowed = []
    for name, statement in FORBIDDEN.items():
        try:
            book.execute(statement)
            book.commit()
            allowed.append(name)
        except psycopg.Error as refusal:
            book.rollback()
            assert refusal.sqlstate in ("23514", "23505", "42501"), (name, refusal)
        assert accounts(book) == before, name
    assert allowed == []


def test_owner_is_refused_too(book):
    with psycopg.connect(SERVER.url(DATABASE, "mallwright_owner")) as owner:
        for name in ("update of a leg", "delete of legs", "truncate", "edit of a balance", "delete of an account"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(FORBIDDEN[name])
            owner.rollback()


def test_posting_works_without_a_search_path(book):
    book.execute(entry((CHANNEL, "CNY", -10), (WALLET, "CNY", 10)))
    book.commit()
    posted = book.execute(f"SELECT posted FROM {SCHEMA}.ledger_account WHERE id = {WALLET}").fetchone()
    assert posted == (60,)


def test_a_loose_bound_cannot_be_smuggled_in(book):
    row = book.execute(
        f"INSERT INTO {SCHEMA}.ledger_account (code, asset, minimum, posted, hot) VALUES"
        " ('member.wallet.Z', 'CNY', -1000, 1000, true) RETURNING minimum, posted, hot"
    ).fetchone()
    assert row == (0, 0, False)


def test_conflicting_insert_moves_no_balance(book):
    before = accounts(book)
    book.execute(
        f"INSERT INTO {SCHEMA}.ledger_posting (id, entry_id, account_id, asset, amount)"
        f" SELECT id, entry_id, account_id, asset, amount FROM {SCHEMA}.ledger_posting ON CONFLICT DO NOTHING"
    )
    book.commit()
    assert accounts(book) == before


def test_chart_in_the_database_is_the_chart_in_the_code(grocery):
    with connection.cursor() as cursor:
        for family in rules.CHART:
            for code, allowed in ((family.prefix, family.exact), (f"{family.prefix}.x", family.parts)):
                cursor.execute("SAVEPOINT one")
                try:
                    cursor.execute(
                        "INSERT INTO ledger_account (code, asset) VALUES (%s, 'CNY')"
                        " RETURNING family, minimum, maximum, hot",
                        [code],
                    )
                    found = cursor.fetchone()
                except Exception:
                    cursor.execute("ROLLBACK TO SAVEPOINT one")
                    found = None
                wanted = (family.prefix, family.minimum, family.maximum, family.hot) if allowed else None
                assert found == wanted, code
                if allowed:
                    assert rules.family_of(code) == family
                else:
                    with pytest.raises(rules.UnknownAccount):
                        rules.family_of(code)
