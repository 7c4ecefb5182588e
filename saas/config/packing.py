"""Pages leave compressed where the browser takes it: a list's 30 KB become 6. Cheap levels, because each page is new.

A page that is packed ends in a comment of random length: how long an answer is then says little about what stands in it
(BREACH). What has been packed already, is small or is no HTML goes as it is.
"""

import re
import secrets
import zlib
from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

LEAST_BYTES = 1_400  # what goes in one packet anyway
MOST_NOISE = 48  # bytes of noise, two characters each
_BROTLI_QUALITY, _GZIP_LEVEL, _GZIP_WINDOW = 0, 1, 31
_REFUSED = re.compile(r";\s*q=0(?:\.0*)?\s*$")


class PackingMiddleware:
    """Brotli where it is taken, else gzip."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not response.get("Content-Type", "").startswith("text/html"):
            return response
        if len(response.content) < LEAST_BYTES or response.has_header("Content-Encoding"):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if wanted := chosen(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response.content = packed(wanted, response.content + _noise())
            response["Content-Encoding"] = wanted
            response["Content-Length"] = str(len(response.content))
        return response


def chosen(accepted: str) -> str:
    """`br`, `gzip` or nothing, by what an Accept-Encoding header takes."""
    names = [one.partition(";")[0].strip().lower() for one in accepted.split(",") if not _REFUSED.search(one)]
    return next((name for name in ("br", "gzip") if name in names), "")


def packed(encoding: str, content: bytes) -> bytes:
    """`content` in an encoding that `chosen` names."""
    if encoding == "br":
        return bytes(brotli.compress(content, quality=_BROTLI_QUALITY))
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return packer.compress(content) + packer.flush()


def _noise() -> bytes:
    return f"<!--{secrets.token_hex(secrets.randbelow(MOST_NOISE) + 1)}-->".encode()
