"""`/_tls/ask?domain=…`: what a Caddy with on-demand certificates asks before it makes or loads one (docs/operators/domains.md).

Answered by the cell, so that certificates do not hang on control, from the cached look-up of hosts. Whoever does not sit
on an internal address, or comes through a proxy, is told that there is no such page.
"""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from saas.kernel.clock import real_now as now
from saas.tenants.malls import selectors
from saas.tenants.malls.rules import normalise_host

PATH = "/_tls/ask"
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")


class AskMiddleware:
    """Before everything else of a cell: the question names no mall in its Host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.networks = [ipaddress.ip_network(one) for one in settings.TLS_ASK_NETWORKS]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH:
            return self.get_response(request)
        if request.method != "GET" or not self._is_internal(request):
            return _say(404)
        host = normalise_host(request.GET.get("domain", ""))
        found = selectors.look_up(host) if host else None
        if found is not None and found.may_have_certificate:
            return _say(200)
        return _say(429 if _too_many() else 404)

    def _is_internal(self, request: HttpRequest) -> bool:
        if any(name in request.META for name in _FORWARDED):
            return False
        try:
            peer = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
        except ValueError:
            return False
        return any(peer in network for network in self.networks)


def _say(status: int) -> HttpResponse:
    words = {200: "yes", 404: "no", 429: "too many unknown names"}
    return HttpResponse(words[status], status=status, content_type="text/plain")


def _too_many() -> bool:
    """Count a name that is refused. Names that may have a certificate are never counted: a flood cannot stop theirs."""
    cache, key = caches["public"], f"ask:{int(now().timestamp()) // 60}"
    try:
        cache.add(key, 0, 120)
        return bool(cache.incr(key) > settings.TLS_ASK_UNKNOWN_PER_MINUTE)
    except (RedisError, OSError, ValueError):
        return False
