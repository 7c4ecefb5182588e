"""Pictures of a mall under its own host. In front of many malls a CDN or Caddy does this; the rule is the same."""

import mimetypes
import posixpath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

_YEAR_SECONDS = 365 * 86400


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """A file of this mall's own media folder; every other path does not exist. Names are never reused: cached for ever."""
    clean = posixpath.normpath(path)
    own = f"t/{request.tenant.ulid}/"  # type: ignore[attr-defined]
    if clean != path or not path.startswith(own) or path.startswith(f"{own}private/"):
        raise Http404
    try:
        file = default_storage.open(path)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise Http404 from error
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    response = FileResponse(file, content_type=kind)
    response["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
    return response
