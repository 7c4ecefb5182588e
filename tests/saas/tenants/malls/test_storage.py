"""Files of malls on disk and in a bucket (moto's S3 over HTTP): the same rules for both."""

import base64
import io
import json
import urllib.error
import urllib.request

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import translation
from PIL import Image

from saas.tenants.malls import storage, uploads
from saas.tenants.malls.activation import in_mall


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def disk(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return storage.mall_storage()


@pytest.fixture
def bucket(aws, settings):
    settings.MEDIA_BUCKET = "media"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "saas.tenants.malls.storage.BucketStorage"}}
    from django.core.files.storage import default_storage

    default_storage._wrapped = storages["default"]
    made = storage.mall_storage()
    made.client.create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "ap-east-1"})
    yield made
    from django.utils.functional import empty

    default_storage._wrapped = empty


@pytest.fixture(params=["disk", "bucket"])
def place(request):
    return request.getfixturevalue(request.param)


def test_what_is_saved_is_read_listed_and_deleted(grocery, place):
    name = place.save(f"t/{grocery.ulid}/p/1.webp", ContentFile(b"picture"))
    assert name == f"t/{grocery.ulid}/p/1.webp"
    assert place.exists(name)
    assert place.open(name).read() == b"picture"
    assert list(place.walk(f"t/{grocery.ulid}/")) == [(name, 7)]
    place.delete(name)
    place.delete(name)
    assert not place.exists(name)
    with pytest.raises(FileNotFoundError):
        place.open(name)


def test_deleting_a_malls_folder_leaves_the_other_malls(grocery, beauty, place):
    for mall in (grocery, beauty):
        with in_mall(mall):
            place.save(f"t/{mall.ulid}/a", ContentFile(b"1"))
            place.save(f"t/{mall.ulid}/b/c", ContentFile(b"2"))
    with in_mall(grocery):
        assert place.delete_folder(f"t/{grocery.ulid}/") == 2
        assert list(place.walk(f"t/{grocery.ulid}/")) == []
    with in_mall(beauty):
        assert len(list(place.walk(f"t/{beauty.ulid}/"))) == 2


NOT_OURS = ["t/{other}/a", "t/{own}/../{other}/a", "{own}/a", "/t/{own}/a", "../t/{own}/a", "t/{own}//a"]


def test_another_malls_file_has_no_name_here(grocery, beauty, place):
    with in_mall(beauty):
        place.save(f"t/{beauty.ulid}/a", ContentFile(b"theirs"))
    for name in NOT_OURS:
        path = name.format(own=grocery.ulid, other=beauty.ulid)
        for act in ("open", "exists", "delete", "save"):
            with in_mall(grocery), pytest.raises(SuspiciousFileOperation):
                getattr(place, act)(path, *([ContentFile(b"mine")] if act == "save" else []))
    with in_mall(beauty):
        assert place.open(f"t/{beauty.ulid}/a").read() == b"theirs"


def send(form: dict, content: bytes, **changes: str) -> int:
    """Post a presigned form as a browser does; the HTTP status."""
    boundary, body = "----mallwright", io.BytesIO()
    for key, value in {**form["fields"], **changes}.items():
        body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode())
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'.encode())
    body.write(content + f"\r\n--{boundary}--\r\n".encode())
    request = urllib.request.Request(
        form["url"], data=body.getvalue(), headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    try:
        return urllib.request.urlopen(request, timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code


def test_an_upload_goes_into_the_bucket_and_is_taken_once(grocery, bucket):
    form = uploads.begin_upload(content_type="image/png", max_bytes=1000)
    assert form["fields"]["key"] == f"t/{grocery.ulid}/private/uploads/{form['upload']}"
    assert send(form, b"picture") in (200, 204)
    assert uploads.take_upload(form["upload"], max_bytes=1000) == b"picture"
    with pytest.raises(uploads.UploadRefused):
        uploads.take_upload(form["upload"], max_bytes=1000)


def test_the_policy_names_key_type_and_size(grocery, bucket):
    form = uploads.begin_upload(content_type="image/png", max_bytes=1000)
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"]
    assert {"Content-Type": "image/png"} in policy
    assert ["content-length-range", 1, 1000] in policy
    assert {"key": form["fields"]["key"]} in policy
    assert {"bucket": "media"} in policy


def test_what_is_too_large_is_not_taken(grocery, bucket):
    form = uploads.begin_upload(content_type="image/png", max_bytes=1000)
    bucket.save(form["fields"]["key"], ContentFile(b"x" * 1001))  # a store that did not keep to the policy
    with pytest.raises(uploads.UploadRefused, match="large"):
        uploads.take_upload(form["upload"], max_bytes=1000)


def test_another_malls_upload_is_not_there(grocery, beauty, bucket):
    with in_mall(beauty):
        form = uploads.begin_upload(content_type="image/png", max_bytes=1000)
    send(form, b"theirs")
    with in_mall(grocery), pytest.raises(uploads.UploadRefused, match="not arrived"):
        uploads.take_upload(form["upload"], max_bytes=1000)
    with in_mall(beauty):
        assert uploads.take_upload(form["upload"], max_bytes=1000) == b"theirs"


@pytest.mark.parametrize("upload", ["", "../x", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAI"])
def test_an_id_that_is_none_is_refused(grocery, bucket, upload):
    with pytest.raises(uploads.UploadRefused):
        uploads.take_upload(upload, max_bytes=1000)


def test_a_kind_that_is_no_picture_gets_no_form(grocery, bucket):
    with pytest.raises(uploads.UploadRefused):
        uploads.begin_upload(content_type="text/html", max_bytes=1000)


def test_on_disk_there_is_no_direct_upload(grocery, disk):
    assert not uploads.direct_uploads()
    with pytest.raises(uploads.UploadRefused):
        uploads.begin_upload(content_type="image/png", max_bytes=1000)


def test_a_products_picture_comes_by_the_bucket(grocery, bucket):
    from tenant_apps.backoffice.uploads import pictures_of

    picture = io.BytesIO()
    Image.new("RGB", (400, 400), "red").save(picture, "PNG")
    form = uploads.begin_upload(content_type="image/png", max_bytes=10_000_000)
    send(form, picture.getvalue())
    from django.test import RequestFactory

    request = RequestFactory().post("/", {"images_upload": f"{form['upload']}:image/png"})
    assert pictures_of(request, "images") == [(picture.getvalue(), "image/png")]
    assert list(bucket.walk(f"t/{grocery.ulid}/private/")) == []
