"""Papers that people hand in: PDF and pictures, known by their first bytes and never by their names."""

from django.http import HttpResponse

_MAGIC = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def kind_of_file(content: bytes) -> str | None:
    """The type of a paper by its first bytes: PDF, JPEG or PNG; None: anything else."""
    return next((kind for kind, magic in _MAGIC.items() if content.startswith(magic)), None)


def as_download(*, content: bytes, kind: str, title: str) -> HttpResponse:
    """A paper as something to be kept, never shown by the browser itself. `title` is ASCII, without its ending."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{title}.{ENDINGS[kind]}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
