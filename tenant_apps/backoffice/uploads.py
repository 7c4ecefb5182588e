"""Pictures that a form brings: as files, or as uploads that the browser has put into the bucket before."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from saas.identity.roles import Role
from saas.tenants.malls import uploads
from tenant_apps.backoffice.pages import needs
from tenant_apps.catalog.rules import MAX_IMAGE_BYTES


def pictures_of(request: HttpRequest, name: str) -> list[tuple[bytes, str]]:
    """Content and declared type of each picture of a field. Raises UploadRefused."""
    found = [(file.read(), file.content_type or "") for file in request.FILES.getlist(name)]
    for text in request.POST.getlist(f"{name}_upload"):
        upload, _, content_type = text.partition(":")
        found.append((uploads.take_upload(upload, max_bytes=MAX_IMAGE_BYTES), content_type))
    return found


@needs(Role.GOODS)
@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """A signed form for one picture, for a script."""
    return JsonResponse(
        uploads.begin_upload(content_type=request.POST.get("content_type", ""), max_bytes=MAX_IMAGE_BYTES)
    )
