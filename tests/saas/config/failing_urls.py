"""Addresses of a page that fails, for test_reports."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from saas.config.urls_cell import urlpatterns as real


def fail(request: HttpRequest, token: str) -> HttpResponse:
    name, phone = request.POST["name"], request.POST["phone"]
    raise ValueError(f"cannot greet {name!r} at {phone}, {request.GET['mail']}: {token}")


urlpatterns = [*real, path("fail/<str:token>", fail)]
