"""Host → mall, once a request. Unknown hosts get 404 without touching any mall; afterwards the connection sees a trap."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from saas.tenants.malls import probe, selectors
from saas.tenants.malls.rules import Capability, MallState, may, normalise_host

_ALWAYS_OPEN = ("/backoffice/", "/notify/", "/enter/", "/auth/", "/static/", "/media/", "/_")


class MallMiddleware:
    """First in the cell's stack."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = normalise_host(request.META.get("HTTP_HOST", ""))
        mall = selectors.mall_by_host(host) if host else None
        if mall is None:
            return HttpResponse("unknown host", status=404, content_type="text/plain")
        if mall.state == MallState.MOVED:  # whoever routes here has not heard of the move yet
            return HttpResponse("moved", status=421, content_type="text/plain")
        request.tenant = mall  # type: ignore[attr-defined]
        connection.set_tenant(mall)
        try:
            open_path = request.path.startswith(_ALWAYS_OPEN) or probe.is_probe(request, mall.ulid)
            if not open_path and not may(mall.state, Capability.STOREFRONT):
                return render(request, "malls/closed.html", {"mall": mall}, status=503)
            response = self.get_response(request)
            patch_vary_headers(response, ["Host"])
            return response
        finally:
            connection.set_trap()
