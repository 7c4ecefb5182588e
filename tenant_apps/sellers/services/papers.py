"""Files that prove what a seller says: checked, pictures re-encoded, kept in the mall's private folder."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext

from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.catalog.services.renditions import open_checked
from tenant_apps.sellers.applying import MAX_PAPER_BYTES, MAX_PAPERS, PaperKind

_SIDE = 2400
TYPES = {"jpg": "image/jpeg", "pdf": "application/pdf"}


def store_paper(
    *, content: bytes, content_type: str, kind: str, title: str, category: str, until: dt.date | None, held: int
) -> dict[str, Any]:
    """A file checked and written, as its row's `papers` keeps it; `held` is how many there are already.

    Raises InvalidInput (kind, papers, title), ImageRefused; then no file has been written.
    """
    if kind not in set(PaperKind):
        raise InvalidInput(gettext("Choose what the paper proves."), field="paper_kind")
    if held >= MAX_PAPERS:
        raise InvalidInput(gettext("At most {number} papers.").format(number=MAX_PAPERS), field="paper")
    if kind == PaperKind.CATEGORY and not category:
        raise InvalidInput(gettext("Choose the category that this licence is for."), field="paper_category")
    suffix, body = _checked(content, content_type)
    name = f"{new_ulid()}.{suffix}"
    default_storage.save(_key(name), ContentFile(body))
    return {
        "file": name,
        "kind": kind,
        "title": title.strip()[:60],
        "category": category if kind == PaperKind.CATEGORY else "",
        "until": until.isoformat() if until else "",
    }


def read_paper(papers: Sequence[Mapping[str, Any]], name: str) -> tuple[bytes, str]:
    """Content and type of one of these papers. Raises NotFound."""
    if name not in {paper["file"] for paper in papers}:
        raise NotFound
    try:
        with default_storage.open(_key(name)) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise NotFound from None
    return content, TYPES[name.rpartition(".")[2]]


def _checked(content: bytes, content_type: str) -> tuple[str, bytes]:
    if len(content) > MAX_PAPER_BYTES:
        raise InvalidInput(gettext("A paper has at most 10 MB."), field="paper")
    if content_type == "application/pdf":
        if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
            raise InvalidInput(gettext("This file is no whole PDF."), field="paper")
        return "pdf", content
    picture = open_checked(content, content_type)
    picture.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=85)  # a new file: nothing of what a camera writes into it
    return "jpg", buffer.getvalue()


def _key(name: str) -> str:
    return f"t/{active_mall_ulid()}/private/sellers/{name}"
