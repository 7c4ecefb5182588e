"""Host → mall, once a request. Unknown hosts get 404 without touching any mall; afterwards the connection sees a trap."""

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from saas.tenants.malls import probe, selectors, traffic
from saas.tenants.malls.rules import Capability, MallState, may, normalise_host

# Answered under every host of the mall and whatever its state: nobody is sent away in the middle of these.
_ALWAYS_OPEN = ("/backoffice/", "/notify/", "/enter/", "/auth/", "/static/", "/media/", "/_")


class MallMiddleware:
    """First in the cell's stack."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = normalise_host(request.META.get("HTTP_HOST", ""))
        found = selectors.look_up(host) if host else None
        if found is None:
            return HttpResponse("unknown host", status=404, content_type="text/plain")
        mall = found.mall
        if mall.state == MallState.MOVED:  # whoever routes here has not heard of the move yet
            return HttpResponse("moved", status=421, content_type="text/plain")
        request.tenant = mall  # type: ignore[attr-defined]
        connection.set_tenant(mall)
        try:
            open_path = request.path.startswith(_ALWAYS_OPEN) or probe.is_probe(request, mall.ulid)
            if not open_path and not may(mall.state, Capability.STOREFRONT):
                return render(request, "malls/closed.html", {"mall": mall}, status=503)
            if found.sent_to and not open_path and _is_a_look(request):
                return _elsewhere(request, found.sent_to)
            response = self.get_response(request)
            patch_vary_headers(response, ["Host"])
            traffic.count_response(request, response, mall.ulid)
            return response
        finally:
            connection.set_trap()


def _is_a_look(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD") and not request.path.startswith("/api/")


def _elsewhere(request: HttpRequest, host: str) -> HttpResponse:
    """To the same page under the mall's primary host. Browsers keep it for an hour, not for ever: the choice may change."""
    port = f":{settings.MALL_PORT}" if settings.MALL_PORT else ""
    answer = HttpResponsePermanentRedirect(f"{settings.MALL_SCHEME}://{host}{port}{request.get_full_path()}")
    answer["Cache-Control"] = "max-age=3600"
    patch_vary_headers(answer, ["Host"])
    return answer
