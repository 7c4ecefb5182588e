"""Bytes that this process answered for each mall, added up in memory and written down twice a minute.

A request costs an addition. A process that is killed forgets at most half a minute; what could not be written is kept and
tried again. What a CDN or a bucket answers by itself is not seen here (docs/operators/business.md).
"""

import datetime as dt
import logging
import threading
from collections.abc import Iterable, Iterator

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django_tenants.utils import schema_context

from saas.kernel import clock
from saas.tenants.malls.models import Mall, Traffic

SECONDS = 30
_EMPTY = (204, 304)
_ADD = """
INSERT INTO public.malls_traffic (mall_id, date, bytes)
SELECT m.id, %s, x.bytes FROM unnest(%s::text[], %s::bigint[]) AS x(ulid, bytes)
JOIN public.malls_mall m ON m.ulid = x.ulid ORDER BY m.id
ON CONFLICT (mall_id, date) DO UPDATE SET bytes = malls_traffic.bytes + EXCLUDED.bytes
"""
logger = logging.getLogger(__name__)
_counted: dict[str, int] = {}
_lock = threading.Lock()
_begun = threading.Lock()


def count(mall: str, size: int) -> None:
    """Add bytes that were answered for the mall of this ULID."""
    with _lock:
        _counted[mall] = _counted.get(mall, 0) + size


def count_response(request: HttpRequest, response: HttpResponseBase, mall: str) -> None:
    """Add the body of an answer: by its length, or, where that is not known before, while it is sent."""
    if request.method == "HEAD" or response.status_code in _EMPTY:
        return
    length = response.headers.get("Content-Length")
    if length is not None:
        count(mall, int(length))
    elif isinstance(response, HttpResponse):
        count(mall, len(response.content))
    elif isinstance(response, StreamingHttpResponse) and not response.is_async:
        response.streaming_content = _followed(response.streaming_content, mall)  # type: ignore[arg-type]


def _followed(parts: Iterable[bytes], mall: str) -> Iterator[bytes]:
    for part in parts:
        count(mall, len(part))
        yield part


def flush(*, now: dt.datetime) -> int:
    """Write down what was counted since the last time, in one statement; how many malls. Nothing counted: no statement."""
    with _lock:
        taken = dict(_counted)
        _counted.clear()
    if not taken:
        return 0
    try:
        with schema_context("public"), connection.cursor() as cursor:
            cursor.execute(_ADD, [clock.china_date(now), list(taken), list(taken.values())])
    except Exception:
        for mall, size in taken.items():
            count(mall, size)
        raise
    return len(taken)


def by_day(mall: Mall, *, since: dt.date) -> dict[dt.date, int]:
    """Bytes answered for a mall on each day in China from `since` on."""
    with schema_context("public"):
        return dict(Traffic.objects.filter(mall_id=mall.pk, date__gte=since).values_list("date", "bytes"))


def begin() -> None:
    """Write down from now on, in a thread of this process. Call it where a web process begins."""
    if _begun.acquire(blocking=False):
        threading.Thread(target=_go_on, name="traffic", daemon=True).start()


def _go_on() -> None:
    pause = threading.Event()
    while not pause.wait(SECONDS):
        try:
            flush(now=clock.real_now())
        except Error:
            logger.warning("traffic could not be written down; it is tried again", exc_info=True)
        finally:
            connection.close()
