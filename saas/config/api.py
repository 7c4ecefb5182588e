"""The malls' API (OpenAPI at /api/openapi.json): routers of the packages, one mapping of refusals, no unknown input."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from saas.kernel.errors import DomainError
from tenant_apps.catalog.api import router as catalog
from tenant_apps.modes.api import router as modes
from tenant_apps.orders.api import router as orders
from tenant_apps.settlement.api import router as settlement


class MallApi(NinjaAPI):
    """Describes itself once a language and process: it takes a third of a second, and anybody may ask."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description; the same object each time."""
        if path_params:
            return super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        described: dict[tuple[str | None, str | None], OpenAPISchema] = self.__dict__.setdefault("_described", {})
        key = (path_prefix, get_language())
        if key not in described:
            described[key] = super().get_openapi_schema(path_prefix=path_prefix)
        return described[key]


api = MallApi(title="Mall", version="1", urls_namespace="api", docs_url=None)
api.add_router("/catalog", catalog)
api.add_router("/modes", modes)
api.add_router("/orders", orders)
api.add_router("/settlement", settlement)


@api.exception_handler(DomainError)
def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A named refusal: its code, its text in the reader's language, the field at fault."""
    answer = {"code": error.code, "message": error.text, "field": error.field}
    return api.create_response(request, answer, status=error.http_status)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input that is not of the schema: which parts."""
    faults = [{"field": ".".join(str(part) for part in one["loc"]), "message": one["msg"]} for one in error.errors]
    return api.create_response(request, {"code": "invalid_input", "message": "", "faults": faults}, status=422)


@api.exception_handler(AuthenticationError)
def _unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Nobody is signed in."""
    return api.create_response(request, {"code": "not_signed_in", "message": "", "field": None}, status=401)
