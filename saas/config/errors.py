"""DomainError → answer, once for every page. (The API has its own mapping in saas.config.api.)"""

from collections.abc import Callable

from django.contrib import messages
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from saas.kernel.errors import DomainError, InvalidInput


class DomainErrorMiddleware:
    """A refusal becomes a page with its text and status; a refused POST goes back to where it came from with the text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DataError) and "NUL" in str(error):  # a text with a zero byte: nobody types that
            error = InvalidInput()
        if not isinstance(error, DomainError):
            return None
        back = request.META.get("HTTP_REFERER", "")
        safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.META.get("HTTP_HOST", "")})
        if request.method == "POST" and safe and not getattr(request, "htmx", False):
            messages.error(request, error.text)
            return HttpResponseRedirect(back)
        answer = render(request, "errors/refused.html", {"error": error}, status=error.http_status)
        if error.http_status == 503:
            answer["Retry-After"] = "2"  # a move holds writes back for about a second (SCALE 4.6)
        return answer
