"""Pages leave packed; the middleware alone, and as it stands in front of the mall. No database."""

import gzip

import brotli
import pytest
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from saas.config.packing import LEAST_BYTES, MOST_NOISE, PackingMiddleware

PAGE = "<p>商品列表</p>" * 200
PLAIN = PAGE.encode()


def answered(accepted, *, content=PAGE, kind="text/html; charset=utf-8", **headers):
    made = HttpResponse(content, content_type=kind, headers=headers)
    return PackingMiddleware(lambda _request: made)(RequestFactory().get("/", headers={"Accept-Encoding": accepted}))


@pytest.mark.parametrize(
    ("accepted", "wanted", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
    ],
)
def test_a_page_is_packed_as_the_browser_takes_it(accepted, wanted, unpack):
    answer = answered(accepted)
    assert answer["Content-Encoding"] == wanted
    assert answer["Vary"] == "Accept-Encoding"
    assert int(answer["Content-Length"]) == len(answer.content) < len(PLAIN) // 5
    page, noise = unpack(answer.content).split(b"<!--")
    assert page == PLAIN
    assert noise.endswith(b"-->") and 2 <= len(noise) - 3 <= 2 * MOST_NOISE


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0, gzip;q=0.0", "zstd"])
def test_who_takes_nothing_packed_reads_it_plain(accepted):
    answer = answered(accepted)
    assert answer.content == PLAIN
    assert "Content-Encoding" not in answer
    assert answer["Vary"] == "Accept-Encoding"  # a cache keeps both


def test_the_length_of_the_same_page_differs():
    assert len({len(answered("br").content) for _ in range(40)}) > 5


def test_what_is_small_or_packed_or_no_page_goes_as_it_is():
    small = "x" * (LEAST_BYTES - 1)
    assert answered("br", content=small).content == small.encode()
    assert answered("br", kind="image/png").content == PLAIN
    assert answered("br", **{"Content-Encoding": "gzip"}).content == PLAIN
    stream = StreamingHttpResponse([PAGE], content_type="text/html")
    asked = RequestFactory().get("/", headers={"Accept-Encoding": "br"})
    assert PackingMiddleware(lambda _request: stream)(asked) is stream


def test_it_stands_before_the_mall_so_that_no_connection_waits_for_it():
    assert settings.MIDDLEWARE[1] == "saas.config.packing.PackingMiddleware"
