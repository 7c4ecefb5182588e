"""The digest of a copy: what was counted before the freeze is read again only where rows have other versions."""

import random

import psycopg
import pytest

from provisioning.executor import schema
from provisioning.steps.move import digest

NAME = "digest_trial"
_TABLES = f"""
DROP SCHEMA IF EXISTS {NAME} CASCADE;
CREATE SCHEMA {NAME};
CREATE TABLE {NAME}.numbered (id bigint PRIMARY KEY, word text, more jsonb);
CREATE TABLE {NAME}.named (code text, kind text, amount bigint, PRIMARY KEY (code, kind));
CREATE TABLE {NAME}.keyless (word text);
CREATE TABLE {NAME}.empty (id integer PRIMARY KEY);
INSERT INTO {NAME}.numbered SELECT n * 1000, 'w' || n, jsonb_build_object('n', n) FROM generate_series(-20, 100) n;
INSERT INTO {NAME}.named SELECT 'c' || n, 'k', n FROM generate_series(1, 50) n;
INSERT INTO {NAME}.keyless VALUES ('a'), ('a'), ('b');
"""


@pytest.fixture
def trial(db):
    with psycopg.connect(schema.owner_url(), autocommit=True) as connection:
        connection.execute(_TABLES)
        yield connection
        connection.execute(f"DROP SCHEMA {NAME} CASCADE")


def digests(counted):
    return {table: one.digest for table, one in counted.items()}


def read(counted):
    return {table: one.read for table, one in counted.items()}


def test_only_blocks_with_other_rows_are_read_again_and_the_digest_is_that_of_everything(trial):
    ahead = digest.count(trial, NAME, {})
    assert read(ahead) == {"numbered": 9, "named": 1, "keyless": 1, "empty": 0}
    again = digest.count(trial, NAME, ahead)
    assert (read(again), digests(again)) == ({"numbered": 0, "named": 0, "keyless": 1, "empty": 0}, digests(ahead))

    trial.execute(f"UPDATE {NAME}.numbered SET word = 'other' WHERE id = 40000")
    trial.execute(f"INSERT INTO {NAME}.numbered VALUES (500000, 'far', NULL)")
    trial.execute(f"DELETE FROM {NAME}.numbered WHERE id = -20000")
    trial.execute(f"UPDATE {NAME}.named SET amount = amount WHERE code = 'c7'")  # another version with the same rows
    trial.execute(f"INSERT INTO {NAME}.empty VALUES (1)")
    later = digest.count(trial, NAME, ahead)
    assert digests(later) == digests(digest.count(trial, NAME, {}))
    assert digests(later) != digests(ahead)
    assert later["named"].digest == ahead["named"].digest
    assert read(later) == {"numbered": 3, "named": 1, "keyless": 1, "empty": 1}


def test_a_table_that_was_made_anew_and_a_row_that_came_back_are_read(trial):
    ahead = digest.count(trial, NAME, {})
    with trial.transaction():
        trial.execute(f"DELETE FROM {NAME}.numbered WHERE id = 3000")
        trial.execute(f"INSERT INTO {NAME}.numbered VALUES (3000, 'w3', '{{\"n\": 4}}')")
    trial.execute(f"CREATE TABLE {NAME}.copied (LIKE {NAME}.named INCLUDING ALL)")
    trial.execute(f"INSERT INTO {NAME}.copied SELECT * FROM {NAME}.named")
    trial.execute(f"DROP TABLE {NAME}.named; ALTER TABLE {NAME}.copied RENAME TO named")
    later = digest.count(trial, NAME, ahead)
    assert (later["numbered"].read, later["named"].read) == (1, 1)
    assert later["numbered"].digest != ahead["numbered"].digest
    assert later["named"].digest == ahead["named"].digest


def test_any_changes_give_the_digest_of_everything(trial):
    chance = random.Random(6)
    for _ in range(12):
        ahead = digest.count(trial, NAME, {})
        for _ in range(chance.randrange(6)):
            number = chance.randrange(-30, 130) * 1000
            trial.execute(
                chance.choice(
                    [
                        f"UPDATE {NAME}.numbered SET word = word || 'x' WHERE id = {number}",
                        f"DELETE FROM {NAME}.numbered WHERE id = {number}",
                        f"INSERT INTO {NAME}.numbered VALUES ({number}, 'n', NULL) ON CONFLICT DO NOTHING",
                        f"UPDATE {NAME}.numbered SET id = id + {chance.randrange(1, 999)} WHERE id = {number}",
                        f"VACUUM (FREEZE) {NAME}.numbered",
                    ]
                )
            )
        assert digests(digest.count(trial, NAME, ahead)) == digests(digest.count(trial, NAME, {}))
