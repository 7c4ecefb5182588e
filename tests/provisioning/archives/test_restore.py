"""A backup of one mall, taken while it trades, becomes a mall of another name; whatever is damaged is refused by name."""

import zipfile

import psycopg
import pytest
from django.db import connection

from provisioning.archives import bundles, rules, selectors, services
from provisioning.archives.models import Backup
from provisioning.executor import schema as template
from saas.identity.models import User
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.storage import mall_storage
from tenant_apps.catalog.models import ProductImage
from tenant_apps.orders.models import Order
from tenant_apps.payments.models import ChannelCredential
from tenant_apps.payouts import selectors as payouts
from tenant_apps.payouts.models import Withdrawal
from tests.provisioning.archives.conftest import logs, media_of, restore_order, take
from tests.provisioning.executor.conftest import in_a_process_that_dies_at


def backup(shop) -> Backup:
    return services.take_backup(mall=shop.mall.ulid, reason="test", actor="user:op", now=now())


def orders_of(mall) -> list[tuple]:
    with in_mall(mall):
        return list(Order.objects.order_by("pk").values_list("ulid", "state", "total_amount"))


def test_a_backup_becomes_a_mall_of_another_name(shop):
    row = backup(shop)
    assert (row.state, row.tables > 60, row.rows > 100, row.size > 10_000) == ("ready", True, True, True)
    before = orders_of(shop.mall)
    with in_mall(shop.mall):
        book = ledger.trial_balance()
    connection.set_schema_to_public()
    shop.buy()  # after the backup: not in it
    order = restore_order(shop.mall.ulid, restore={"backup": row.ulid})
    assert take(order) == "succeeded", logs(order)
    made = malls.mall_by_ulid(order["mall"])
    assert (made.state, made.live_at, made.schema_version) == ("held", shop.mall.live_at, shop.mall.schema_version)
    assert orders_of(made) == before
    with in_mall(made):
        assert ledger.trial_balance() == book
        assert ledger.check_ledger() == []
        key = ProductImage.objects.get().key
        assert key.startswith(f"t/{made.ulid}/p/")
        payee = payouts.payee(Withdrawal.objects.get())
        assert (payee.real_name, payee.account) == ("李明", "6222 0200")
        credential = ChannelCredential.objects.get()
        assert (credential.active, credential.private_key_sealed, credential.api_key_sealed) == (False, "", "")
        assert User.objects.filter(name="Li\nMing").count() == 1
        assert User.objects.get(phone="+8613800138000").is_staff
    connection.set_schema_to_public()
    assert media_of(made.ulid) == media_of(shop.mall.ulid)
    waiting = OutboxEvent.objects.filter(mall=made.ulid).exclude(destination="control")
    assert set(waiting.values_list("destination", flat=True)) == {"moving"}  # nobody's until the mall is opened
    assert {"order.payment_due"} <= set(waiting.values_list("topic", flat=True))
    assert len(orders_of(shop.mall)) == len(before) + 1
    # a second mall of the same backup, in rehearsal: nothing of outside is asked there
    again = restore_order(shop.mall.ulid, restore={"backup": row.ulid, "arrive": "rehearsal"})
    assert take(again) == "succeeded", logs(again)
    other = malls.mall_by_ulid(again["mall"])
    assert (other.state, other.live_at) == ("rehearsal", None)
    local = OutboxEvent.objects.filter(mall=other.ulid, destination="local")
    assert {"order.payment_due"} <= set(local.values_list("topic", flat=True))
    with in_mall(other):
        assert ledger.trial_balance() == book


def test_killed_at_any_step_it_goes_on_and_ends_whole(shop):
    for point in (
        "backup.written",
        "provision.load.restored",
        "provision.rekey.done",
        "provision.arrive.proved",
    ):
        order = restore_order(shop.mall.ulid)
        assert in_a_process_that_dies_at(point, lambda: take(order)) == 137, point  # noqa: B023
        connection.set_schema_to_public()
        assert take({**order, "serial": 2}) == "succeeded", (point, logs(order))
        made = malls.mall_by_ulid(order["mall"])
        assert made.state == "held"
        assert orders_of(made) == orders_of(shop.mall)
        connection.set_schema_to_public()
    assert set(Backup.objects.values_list("state", flat=True)) == {"ready"}


def spoil(row, change) -> None:
    """Change the stored file."""
    with mall_storage().open(row.name) as file:
        content = bytearray(file.read())
    change(content)
    mall_storage().delete(row.name)
    with services.shelves.writing(row.name) as shelf:
        shelf.write(bytes(content))


def test_a_damaged_or_foreign_backup_is_refused_and_leaves_nothing(shop, settings):
    def turn(content):
        content[len(content) // 3] ^= 0xFF

    def cut(content):
        del content[len(content) // 2 :]

    for change, said in ((turn, "differs from its digest"), (cut, "no archive")):
        row = backup(shop)
        spoil(row, change)
        order = restore_order(shop.mall.ulid, restore={"backup": row.ulid})
        assert take(order) == "failed"
        assert said in logs(order)["take"] or "no archive" in logs(order)["take"]
        assert template.tables_of(order["schema"]) == frozenset()
    row = backup(shop)
    with services.opened_backup(row.name) as (reader, _):
        assert reader.manifest["mall"]["ulid"] == shop.mall.ulid
    secret, settings.SECRET_KEY = settings.SECRET_KEY, "another installation's"
    order = restore_order(shop.mall.ulid, restore={"backup": row.ulid})
    assert take(order) == "failed"
    assert "was not made by this installation" in logs(order)["take"]
    assert not Mall.objects.filter(ulid=order["mall"]).exists()

    settings.SECRET_KEY = secret
    _nothing_into_a_mall_that_works(shop)
    _one_at_a_time_and_a_killed_one_is_given_up(shop)


def _nothing_into_a_mall_that_works(shop):
    row = backup(shop)
    order = restore_order(shop.mall.ulid, restore={"backup": row.ulid})
    into = {**order, "mall": shop.mall.ulid, "schema": shop.mall.schema_name, "serial": 9}
    before = orders_of(shop.mall)
    connection.set_schema_to_public()
    assert take(into) == "failed"
    assert "nothing is restored into it" in logs(into)["load"]
    assert orders_of(shop.mall) == before
    other = restore_order("01JBEAVTYBEAVTYBEAVTYBEAVT", restore={"backup": row.ulid})
    connection.set_schema_to_public()
    assert take(other) == "failed"
    assert "the backup is of mall" in logs(other)["take"]


def _one_at_a_time_and_a_killed_one_is_given_up(shop):
    Backup.objects.all().delete()
    OutboxEvent.objects.filter(topic="backup.reported").delete()
    assert in_a_process_that_dies_at("backup.dumped", lambda: backup(shop)) == 137
    connection.set_schema_to_public()
    assert Backup.objects.get().state == "running"
    with psycopg.connect(template.owner_url()) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 5))", [f"mall:{shop.mall.ulid}"])
        with pytest.raises(services.BackupRuns):
            backup(shop)
    backup(shop)
    assert list(Backup.objects.order_by("pk").values_list("state", "error")) == [
        ("failed", "its worker ended in the middle"),
        ("ready", ""),
    ]
    facts = OutboxEvent.objects.filter(topic="backup.reported", destination="control")
    assert [one.payload["state"] for one in facts.order_by("pk")] == ["failed", "ready"]


def test_archives_are_read_with_distrust(tmp_path):
    def made(*members, manifest=None):
        path = tmp_path / f"{new_ulid()}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            if manifest is not None:
                file.writestr("manifest.json", rules.canonical(manifest))
            for name, content in members:
                file.writestr(name, content)
        return path

    def what(path):
        with (
            pytest.raises(bundles.ArchiveRefused) as refused,
            bundles.opened(path, wanted=rules.EXPORT_FORMAT) as reader,
        ):
            reader.check()
        return refused.value.what

    digest = "0" * 64
    mall = {"ulid": new_ulid(), "schema": "t_x"}
    whole = {"format": rules.EXPORT_FORMAT, "format_version": 1, "mall": mall, "tables": {}, "files": {}}
    plain = tmp_path / "plain.txt"
    plain.write_text("no zip")
    assert what(plain) == "not_an_archive"
    assert what(made(("a", b""))) == "manifest_missing"
    assert what(made(manifest={**whole, "format": rules.BACKUP_FORMAT})) == "other_format"
    assert what(made(manifest={**whole, "format_version": 2})) == "other_version"
    assert what(made(manifest={**whole, "mall": {"ulid": "x", "schema": "t_x"}})) == "manifest_incomplete"
    for name in ("../up", "/etc/passwd", "a/../../b", ".hidden", "a\\b", "C:evil"):
        assert what(made((name, b"x"), manifest=whole)) == "member_refused", name
    assert what(made(("extra", b"x"), manifest=whole)) == "member_unknown"
    named = {**whole, "files": {"a": {"bytes": 1, "sha256": digest}}}
    assert what(made(manifest=named)) == "member_missing"
    assert what(made(("a", b"x"), manifest=named)) == "member_differs"
    assert what(made(("a", b"xy"), manifest=named)) == "member_differs"
    bomb = {**whole, "files": {"a": {"bytes": 30_000_000, "sha256": digest}}}
    assert what(made(("a", b"\0" * 30_000_000), manifest=bomb)) == "member_grows"


def test_which_backups_stay():
    import datetime as dt

    first = dt.datetime(2026, 1, 1, 3, tzinfo=dt.UTC)
    taken = [(str(day), first + dt.timedelta(days=day)) for day in range(100)]
    stay = rules.kept(taken, now=first + dt.timedelta(days=100), daily=7, weekly=4, monthly=3)
    assert {"99", "98", "97", "96", "95", "94", "93"} <= stay
    assert len(stay) <= 14
    assert "89" in stay  # the last of March
    assert rules.kept([], now=first, daily=7, weekly=4, monthly=3) == set()
    assert selectors.__doc__
