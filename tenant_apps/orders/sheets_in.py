"""Small .xlsx files that staff send in: read as texts, with an eye on bombs and formulas."""

import zipfile
from typing import IO

import openpyxl
from django.utils.translation import gettext as _

from saas.kernel.errors import InvalidInput

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 40 * 1024 * 1024
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError)


def rows_of(file: IO[bytes] | None, *, columns: int, most: int) -> list[tuple[int, list[str]]]:
    """The rows below the heading with their number in the file, as texts; empty ones are left out. Raises InvalidInput."""
    if file is None:
        raise InvalidInput(_("Choose a file."), field="file")
    found: list[tuple[int, list[str]]] = []
    try:
        _require_small(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=False)
        for number, row in enumerate(book.worksheets[0].iter_rows(max_col=columns, values_only=True), 1):
            texts = [_text(cell) for cell in row]
            if number > 1 and any(texts):
                found.append((number, [*texts, *[""] * (columns - len(texts))]))
            if len(found) > most:
                raise InvalidInput(_("At most %(most)s rows in one file.") % {"most": most}, field="file")
    except _BROKEN:
        raise InvalidInput(_("This is no .xlsx file that can be read."), field="file") from None
    if not found:
        raise InvalidInput(_("The file has no rows below its heading."), field="file")
    return found


def _require_small(file: IO[bytes]) -> None:
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    with zipfile.ZipFile(file) as packed:
        unpacked = sum(one.file_size for one in packed.infolist())
    file.seek(0)
    if size > MAX_BYTES or unpacked > MAX_UNPACKED_BYTES:
        raise InvalidInput(_("This file is too large."), field="file")


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()[:200]
