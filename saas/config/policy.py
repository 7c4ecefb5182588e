"""The Content-Security-Policy header: django-csp's, put together once for all the responses that take it as it stands."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_OWN = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")  # what a view's decorators leave on its response


class PolicyMiddleware(CSPMiddleware):
    """As CSPMiddleware; a response without a policy of its own, and whose page asked for no nonce, gets the ready text."""

    _ready = ""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header unless the view did."""
        ends = getattr(request, "forms_end_at", None)
        if ends:  # a form of this page leads to a mall's own host
            response._csp_update = {**getattr(response, "_csp_update", {}), "form-action": ends}  # type: ignore[attr-defined]
        if settings.DEBUG or HEADER in response or getattr(request, "_csp_nonce", None) is not None:
            return super().process_response(request, response)
        if any([hasattr(response, name) for name in _OWN]):
            return super().process_response(request, response)
        if not self._ready:
            parts = self.get_policy_parts(request=request, response=response)
            self._ready = build_policy(config=parts.config)
        response[HEADER] = self._ready
        return response
