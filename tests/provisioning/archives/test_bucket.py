"""Archives in a bucket (moto's S3 over HTTP): written in parts, whole or not at all, fetched by an address that holds minutes."""

import hashlib
import os
import urllib.parse
import urllib.request
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from provisioning.archives import services, shelves
from provisioning.archives.models import Backup
from provisioning.rules import RunKind
from saas.identity import tokens
from saas.identity.models import AuditRecord
from saas.kernel.clock import now
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Domain
from saas.tenants.malls.rules import MallState
from tests.provisioning.archives.conftest import logs, take
from tests.provisioning.archives.test_export import exported, order_of
from tests.saas.tenants.malls.test_storage import bucket  # noqa: F401

MEGABYTE = 1024 * 1024


@pytest.fixture
def stored(bucket, request):  # noqa: F811
    """The bucket first, then the shop, whose pictures go there."""
    return bucket, request.getfixturevalue("shop")


def test_an_export_and_a_backup_by_way_of_a_bucket(stored):
    storage, shop = stored
    picture = os.urandom(9 * MEGABYTE)  # more than one part
    storage.save(f"t/{shop.mall.ulid}/p/large/1600.webp", ContentFile(picture))
    name = exported(shop)
    told = OutboxEvent.objects.get(topic="export.ready").payload
    head = storage.client.head_object(Bucket="media", Key=name)
    assert head["ETag"].strip('"').endswith("-2")  # two parts
    assert head["ContentLength"] == told["size"] > 9 * MEGABYTE

    connection.set_schema_to_public()
    part = {"name": name, "actor": "user:owner", "export": "E1"}
    browser = Client(HTTP_HOST=Domain.objects.get(tenant=shop.mall).domain)
    reply = browser.get(f"/_export/{tokens.seal('export', shop.mall.ulid, part)}")
    assert reply.status_code == 302
    address = urllib.parse.urlsplit(reply.url)
    asked = urllib.parse.parse_qs(address.query)
    assert address.path == f"/media/{name}"
    assert asked["response-content-disposition"][0].startswith("attachment; filename=")
    assert 0 < int(asked.get("X-Amz-Expires", ["0"])[0] or 0) <= 600
    with urllib.request.urlopen(reply.url, timeout=20) as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    with in_mall(shop.mall):
        assert AuditRecord.objects.get(action="export.downloaded").actor == "user:owner"
    connection.set_schema_to_public()
    with shelves.reading(name) as path, zipfile.ZipFile(path) as file:
        assert file.read("media/p/large/1600.webp") == picture
        assert not [one for one in file.namelist() if "private/" in one]  # an export is not in the next export

    row = services.take_backup(mall=shop.mall.ulid, reason="test", actor="user:op", now=now())
    assert storage.size(row.name) == row.size
    with services.opened_backup(row.name) as (reader, _path):
        reader.check()
    _half_a_file_is_none(storage)
    _deleted_with_the_mall(storage, shop, row)


def _half_a_file_is_none(storage) -> None:
    with pytest.raises(RuntimeError, match="died"), shelves.writing("backups/x/half.mwb") as shelf:
        shelf.write(b"x" * 9 * MEGABYTE)
        raise RuntimeError("died")
    assert not storage.exists("backups/x/half.mwb")
    assert not storage.client.list_multipart_uploads(Bucket="media").get("Uploads")


def _deleted_with_the_mall(storage, shop, row) -> None:
    """A deleted mall leaves no picture, no export and no backup in the bucket."""
    mall_services.change_state(shop.mall.ulid, MallState.SUSPENDED, now=now())
    order = order_of(RunKind.DELETE, shop.mall, serial=9)
    connection.set_schema_to_public()
    assert take(order) == "succeeded", logs(order)
    assert list(storage.walk(f"t/{shop.mall.ulid}/")) == []
    assert not storage.exists(row.name)
    assert set(Backup.objects.filter(mall=shop.mall.ulid).values_list("state", flat=True)) <= {"deleted"}
