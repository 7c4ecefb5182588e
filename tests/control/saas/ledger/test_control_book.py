"""The platform's own book: the same app in control's public schema."""

import psycopg
import pytest
from django.db import connection, transaction

from saas.kernel.clock import now
from saas.ledger import selectors, services
from saas.ledger.services import Move
from tests.environment import DATABASE, SERVER


def post(key, source, destination, amount):
    return services.post_entry(
        key=key,
        kind="subscription.paid",
        moves=[Move(source, destination, amount)],
        document="invoice:1",
        occurred_at=now(),
    )


@pytest.mark.django_db
def test_control_keeps_a_book():
    post("paid", "bank", "vendor.balance.A", 9_900)
    post("earned", "vendor.balance.A", "revenue.subscription", 9_900)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert selectors.balance("revenue.subscription") == 9_900
    assert selectors.check_ledger() == []
    with pytest.raises(services.InsufficientBalance), transaction.atomic():
        post("wallet", "member.wallet.A", "bank", 1)


@pytest.mark.django_db
def test_app_role_cannot_change_it():
    with psycopg.connect(SERVER.url(DATABASE)) as bare:
        for table in ("ledger_account", "ledger_entry", "ledger_posting", "ledger_hold"):
            for statement in (f"DELETE FROM public.{table}", f"TRUNCATE public.{table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    bare.execute(statement)
                bare.rollback()
