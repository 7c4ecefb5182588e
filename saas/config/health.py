"""`/_health`: what a balancer asks before it sends requests here. Any host, no mall, no session."""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

PATH = "/_health"


class HealthMiddleware:
    """200 `ok` when the process reaches its database, 503 otherwise; every other path goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH:
            return self.get_response(request)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
        finally:
            if hasattr(connection, "set_trap"):  # a cell: no connection goes back looking at a schema
                connection.set_trap()
        return HttpResponse("ok\n", content_type="text/plain")
