"""A finished export, fetched by the link that control made: sealed for this mall, good for ten minutes, audited here too."""

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from saas.identity import audit, tokens
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.rules import Capability, may
from saas.tenants.malls.storage import BucketStorage, mall_storage, own_folder

PURPOSE, LINK_SECONDS = "export", 600
_PRESIGNED_SECONDS = 300


@require_GET
@never_cache
def export(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file as a stream, or a signed address in the bucket. Raises TokenRefused."""
    part, mall = tokens.unseal(PURPOSE, token, max_age=LINK_SECONDS), active_mall()
    name = str(part["name"])
    if not may(mall.state, Capability.EXPORT) or not name.startswith(f"{own_folder(mall.ulid)}private/exports/"):
        raise Http404
    storage, title = mall_storage(), f"{mall.ulid}-{name.rsplit('/', 1)[-1]}"
    try:
        size = storage.size(name)
    except FileNotFoundError:
        raise Http404 from None
    with transaction.atomic():
        audit.record(
            str(part["actor"]), "export.downloaded", target=f"mall:{mall.ulid}", export=part["export"], size=size
        )
    if isinstance(storage, BucketStorage):
        return HttpResponseRedirect(storage.presigned_download(name, title=title, seconds=_PRESIGNED_SECONDS))
    response = FileResponse(storage.open(name), as_attachment=True, filename=title, content_type="application/zip")
    response["Content-Length"] = str(size)
    return response
