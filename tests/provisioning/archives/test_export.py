"""Everything of a mall into one file of one moment, whatever its state; and the file into a mall of another installation."""

import io
import json
import zipfile

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import Client

from provisioning.archives import bundles, exports, rules, shelves
from provisioning.executor import schema as template
from provisioning.rules import RunKind, steps_of
from saas.config import facts
from saas.identity import tokens
from saas.identity.models import AuditRecord, User
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as ledger
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Domain, Mall
from saas.tenants.malls.rules import MallState
from tenant_apps.catalog.models import ProductImage
from tenant_apps.orders.models import Order
from tenant_apps.payments.models import ChannelCredential
from tenant_apps.payouts.models import Withdrawal
from tests.provisioning.archives.conftest import logs, media_of, take
from tests.provisioning.archives.test_restore import orders_of
from tests.provisioning.executor.conftest import in_a_process_that_dies_at, make_order


def order_of(kind: RunKind, mall, **changes):
    """What control says about a mall that is there."""
    steps = [step.value for step in steps_of(kind)]
    whole = make_order(kind=RunKind.PROVISION, mall=mall.ulid, schema=mall.schema_name, name=mall.name)
    return {**whole, "kind": kind.value, "steps": steps, "serial": changes.pop("serial", 1), **changes}


def exported(shop, serial=1) -> str:
    """A finished export; the file's name."""
    order = order_of(RunKind.EXPORT, shop.mall, serial=serial)
    assert take(order) == "succeeded", logs(order)
    return exports.file_name(shop.mall.ulid, order["run"])


def arrived(content: bytes) -> tuple[dict, dict]:
    """The file staged in this installation, and the order to import it."""
    name = shelves.arrival_name(new_ulid())
    with shelves.writing(name) as shelf:
        shelf.write(content)
    part = {"file": name, "sha256": shelf.sha256(), "arrive": "held"}
    order = make_order(name="Moved in")
    return {**order, "kind": "import", "steps": [s.value for s in steps_of(RunKind.IMPORT)], "import": part}


def test_export_while_suspended_killed_half_way_then_read_as_documented(shop):
    mall_services.change_state(shop.mall.ulid, MallState.SUSPENDED, now=now())
    order = order_of(RunKind.EXPORT, shop.mall)
    for point in ("export.rows_written", "export.media_written"):
        assert in_a_process_that_dies_at(point, lambda: take(order)) == 137, point
        connection.set_schema_to_public()
        assert not list(django_settings.MEDIA_ROOT.rglob("exports/*.zip"))
    with transaction.atomic():
        from provisioning.executor.models import Execution

        Execution.objects.filter(run=order["run"]).update(serial=0)
    assert take(order) == "succeeded", logs(order)
    name = exports.file_name(shop.mall.ulid, order["run"])
    told = OutboxEvent.objects.get(topic="export.ready").payload
    assert (told["mall"], told["name"]) == (shop.mall.ulid, name)
    with shelves.reading(name) as path:
        assert bundles.file_digest(path) == told["sha256"]
        content = path.read_bytes()
    assert b"CANARY" not in content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        manifest = json.loads(file.read("manifest.json"))
        words = json.loads(file.read("dictionary.json"))
        rows = [json.loads(line) for line in file.read("rows/orders_order.jsonl").splitlines()]
        users = file.read("rows/identity_user.jsonl").decode()
        every = b"".join(file.read(one) for one in file.namelist())
    assert (manifest["format"], manifest["format_version"]) == ("mallwright-export", 1)
    assert manifest["mall"]["state"] == "suspended"
    with in_mall(shop.mall):
        assert [(row["ulid"], row["total_amount"]) for row in rows] == [
            (one.ulid, one.total_amount) for one in Order.objects.order_by("pk")
        ]
        row = Withdrawal.objects.get()
        assert row.account_sealed.encode() not in every
    assert sum(row["posted"] for row in manifest["trial_balance"]) == 0
    left_out = {(one["table"], one["column"]) for one in manifest["withheld"]}
    assert {
        ("vault_datakey", "*"),
        ("django_session", "*"),
        ("identity_user", "password"),
        ("payments_channelcredential", "private_key_sealed"),
        ("payouts_withdrawal", "account_sealed"),
    } <= left_out
    assert "password" not in json.loads(users.splitlines()[0])
    assert words["orders_order"]["columns"]["total_amount"] == {
        "type": "bigint",
        "null": False,
        "unit": "fen (1/100 yuan)",
    }
    assert words["orders_orderline"]["columns"]["order_id"]["points_to"] == "orders_order"
    assert [one["name"] for one in manifest["media"]] == media_of_without_exports(shop)
    _downloaded(shop, name, content)
    _in_no_other_state(shop)


def media_of_without_exports(shop) -> list[str]:
    return [name for name in media_of(shop.mall.ulid) if not name.startswith("private/")]


def _downloaded(shop, name, content) -> None:
    """By the link of control alone, of this mall alone, for ten minutes."""
    connection.set_schema_to_public()
    host = Domain.objects.get(tenant=shop.mall).domain
    browser = Client(HTTP_HOST=host)
    part = {"name": name, "actor": "user:owner", "export": "E1"}
    reply = browser.get(f"/_export/{tokens.seal('export', shop.mall.ulid, part)}")
    assert reply.status_code == 200
    assert b"".join(reply.streaming_content) == content
    assert browser.get(f"/_export/{tokens.seal('export', '01JBEAVTYBEAVTYBEAVTYBEAVT', part)}").status_code == 403
    for other in (
        "t/other/private/exports/x.zip",
        f"t/{shop.mall.ulid}/p/x.webp",
        name.replace("exports", "exports/.."),
    ):
        link = tokens.seal("export", shop.mall.ulid, {**part, "name": other})
        assert browser.get(f"/_export/{link}").status_code in (400, 404), other
    with in_mall(shop.mall):
        assert AuditRecord.objects.get(action="export.downloaded").actor == "user:owner"
    connection.set_schema_to_public()


def _in_no_other_state(shop) -> None:
    Mall.objects.filter(pk=shop.mall.pk).update(state="moving")
    order = order_of(RunKind.EXPORT, shop.mall, serial=5)
    assert take(order) == "failed"
    assert "the mall is moving: it cannot be exported now" in logs(order)["snapshot"]


def test_into_a_mall_of_another_installation(shop):
    name = exported(shop)
    with shelves.reading(name) as path:
        content = path.read_bytes()
    before = orders_of(shop.mall)
    with in_mall(shop.mall):
        book = ledger.trial_balance()
    connection.set_schema_to_public()
    order = arrived(content)
    assert in_a_process_that_dies_at("import.rows_loaded", lambda: take(order)) == 137
    connection.set_schema_to_public()
    assert take({**order, "serial": 2}) == "succeeded", logs(order)
    made = malls.mall_by_ulid(order["mall"])
    assert (made.state, made.live_at) == ("held", shop.mall.live_at)
    assert orders_of(made) == before
    with in_mall(made):
        assert ledger.trial_balance() == book
        assert ledger.check_ledger() == []
        assert ProductImage.objects.get().key.startswith(f"t/{made.ulid}/p/")
        assert set(ChannelCredential.objects.values_list("active", "private_key_sealed")) == {(False, "")}
        assert Withdrawal.objects.get().account_shown == "****1234"
        assert not User.objects.get(name="Li\nMing").has_usable_password()
    connection.set_schema_to_public()
    assert media_of(made.ulid) == media_of_without_exports(shop)
    with shelves.reading(exported(shop, serial=2)) as path:  # the original was not touched
        assert zipfile.ZipFile(path).testzip() is None
    _opened(made)
    _forged(shop, content)


def _opened(made) -> None:
    """By an operator: what waited in it goes on, its storefront answers as the old one's does."""
    parked = OutboxEvent.objects.filter(mall=made.ulid, destination="moving", done_at=None)
    assert parked.exists()
    facts.on_opened_again(Event(new_ulid(), "mall.opened_again", "", 0, {"mall": made.ulid}, now()))
    connection.set_schema_to_public()
    assert not parked.exists()
    assert malls.mall_by_ulid(made.ulid).state == "active"
    assert OutboxEvent.objects.get(topic="mall.works_again").payload == {"live": True}
    host = Domain.objects.get(tenant=made).domain
    page = Client(HTTP_HOST=host).get("/")
    assert page.status_code == 200
    assert "赣南脐橙" in page.content.decode()
    connection.set_schema_to_public()


def _forged(shop, content: bytes) -> None:
    """Changed in any way it is refused by name, and nothing is left but the rolled-back name."""

    def rebuilt(change) -> bytes:
        source, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
        members = {name: source.read(name) for name in source.namelist()}
        change(members)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in members.items():
                file.writestr(name, data)
        return out.getvalue()

    def resign(members, name, data):
        """As somebody would who knows the format."""
        manifest = json.loads(members["manifest.json"])
        members[name] = data
        manifest["files"][name] = {"bytes": len(data), "sha256": __import__("hashlib").sha256(data).hexdigest()}
        members["manifest.json"] = rules.canonical(manifest)

    def richer(members):
        lines = members["rows/ledger_posting.jsonl"].splitlines()
        first = json.loads(lines[0])
        first["amount"] += 1
        resign(members, "rows/ledger_posting.jsonl", b"\n".join([json.dumps(first).encode(), *lines[1:]]) + b"\n")

    def later(members):
        manifest = json.loads(members["manifest.json"])
        manifest["migrations"] = "f" * 20
        members["manifest.json"] = rules.canonical(manifest)

    def edited(members):
        members["rows/orders_order.jsonl"] = members["rows/orders_order.jsonl"].replace(b"completed", b"cancelled")

    def more(members):
        manifest = json.loads(members["manifest.json"])
        manifest["tables"]["pg_authid"] = {"rows": 0, "file": "rows/pg_authid.jsonl", "columns": ["rolname"]}
        members["manifest.json"] = rules.canonical(manifest)
        resign(members, "rows/pg_authid.jsonl", b"")

    for change, step, said in (
        (richer, "rows", ""),
        (later, "take", "another release"),
        (edited, "take", "differs from its digest"),
        (more, "rows", "tables that do not exist"),
    ):
        order = arrived(rebuilt(change))
        assert take(order) == "failed", change
        log = logs(order)[step]
        assert said in log, log
        assert "differ" in log or "balance" in log or "cannot be used" in log, log
        back = {**order, "run": new_ulid(), "serial": 7, "kind": "rollback"}
        back["steps"] = [step.value for step in steps_of(RunKind.ROLLBACK)]
        back.pop("import")
        assert take(back) == "succeeded", logs(back)
        assert template.tables_of(order["schema"]) == frozenset()
        assert media_of(order["mall"]) == []
        assert not Domain.objects.filter(domain=order["host"]).exists()


@pytest.mark.usefixtures("db")
def test_names_of_members_are_plain():
    assert all(rules.is_safe_member(name) for name in ("rows/a_b.jsonl", "media/p/01J/400.webp", "README.txt"))
    assert not any(
        rules.is_safe_member(name) for name in ("", "a//b", "a/./b", "a/../b", "/a", "a/", ".a", "a b", "a\nb")
    )
    assert bundles.ArchiveRefused("member_refused", "x").what == "member_refused"
