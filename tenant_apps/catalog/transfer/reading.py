"""An uploaded file becomes lines of JSON, one a row: encodings, formulas, bombs and endless sheets are dealt with here.

Rows are read one by one, so memory does not grow with the file.
"""

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.catalog.transfer.incoming import FORMULA

MAX_FILE_BYTES = 80 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELL = 60_000
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_RATIO = 200
MAX_ZIP_FILES = 20_000
MAX_ZIP_UNPACKED = 4 * 1024 * 1024 * 1024
_CHUNK = 256 * 1024


class FileRefused(DomainError):
    """The file cannot be read; `message` says why."""

    code = "file_refused"
    http_status = 422
    message = _("This file cannot be read.")


def rows_of(file: IO[bytes], *, is_xlsx: bool) -> Iterator[list[str]]:
    """Every row as texts, the heading first. Raises FileRefused."""
    found = _xlsx_rows(file) if is_xlsx else _csv_rows(file)
    for number, row in enumerate(found):
        if number > MAX_ROWS:
            raise FileRefused(_("More than {most} rows: please divide the file."), field="file", most=f"{MAX_ROWS:,}")
        yield row


def write_lines(
    file: IO[bytes], into: IO[bytes], *, is_xlsx: bool, required: Sequence[Sequence[str]]
) -> tuple[list[str], int]:
    """Write the rows as lines of JSON; the heading and how many rows follow it. Raises FileRefused.

    `required`: at least one column of each group has to be there.
    """
    rows = rows_of(file, is_xlsx=is_xlsx)
    heading = next(rows, [])
    columns = [name.strip() for name in heading]
    for group in required:
        if not set(group) & set(columns):
            raise FileRefused(_("The column “{column}” is missing in the first row."), field="file", column=group[0])
    doubled = next((name for name in columns if name and columns.count(name) > 1), None)
    if doubled:
        raise FileRefused(_("The column “{column}” stands there twice."), field="file", column=doubled)
    count = 0
    for row in rows:
        if any(row):
            into.write(json.dumps(row[: len(columns)], ensure_ascii=False).encode() + b"\n")
        else:
            into.write(b"[]\n")
        count += 1
    if not count:
        raise FileRefused(_("The file has no rows below its heading."), field="file")
    return columns, count


def encoding_of(file: IO[bytes]) -> str:
    """UTF-8 (with or without mark), UTF-16 with mark or GB18030, whichever reads the whole file. Raises FileRefused."""
    file.seek(0)
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in start:
        raise FileRefused(_("This is no text file: save it as CSV (UTF-8) or as .xlsx."), field="file")
    for name in ("utf-8-sig", "gb18030"):
        if _reads(file, name):
            return name
    raise FileRefused(
        _("The file is written in neither UTF-8 nor GB18030 (GBK): save it as “CSV UTF-8” and try again."), field="file"
    )


def _reads(file: IO[bytes], encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _csv_rows(file: IO[bytes]) -> Iterator[list[str]]:
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(_Kept(file), encoding=encoding, newline="")  # type: ignore[type-var]
    first = text.readline(MAX_CELL)
    text.seek(0)
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(MAX_CELL)
    try:
        for row in csv.reader(text, delimiter=delimiter, strict=False):
            if len(row) > MAX_COLUMNS:
                raise FileRefused(_("More than {most} columns."), field="file", most=MAX_COLUMNS)
            yield [_clean(cell) for cell in row]
    except csv.Error as error:
        raise FileRefused(
            _("The file breaks off or holds a cell that is too long ({fault})."), field="file", fault=str(error)
        ) from error


def _clean(cell: str) -> str:
    cell = cell.replace("\x00", "").replace(FORMULA, "")
    return FORMULA + cell if cell[:1] == "=" else cell


class _Kept(io.RawIOBase):
    """The file for a text reader that closes what it is given."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def check_zip(archive: zipfile.ZipFile, *, most_files: int, most_bytes: int = MAX_UNPACKED_BYTES) -> None:
    """Raise FileRefused for a bomb, or for names that lead out of the archive."""
    infos = archive.infolist()
    if len(infos) > most_files:
        raise FileRefused(_("The archive holds more than {most} files."), field="file", most=most_files)
    packed = sum(info.compress_size for info in infos)
    unpacked = sum(info.file_size for info in infos)
    if unpacked > most_bytes or (unpacked > 10 * 1024 * 1024 and unpacked > MAX_RATIO * max(1, packed)):
        raise FileRefused(_("The archive unpacks to far more than it seems (a zip bomb): refused."), field="file")
    for info in infos:
        name = info.filename
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name[:3]:
            raise FileRefused(_("The archive names a file outside itself: “{name}”."), field="file", name=name[:80])
        if info.flag_bits & 0x1:
            raise FileRefused(_("The archive is locked by a password."), field="file")


def check_archive(file: IO[bytes]) -> None:
    """Raise FileRefused unless it is a zip of pictures that stays inside itself."""
    try:
        with zipfile.ZipFile(file) as archive:
            check_zip(archive, most_files=MAX_ZIP_FILES, most_bytes=MAX_ZIP_UNPACKED)
    except zipfile.BadZipFile as error:
        raise FileRefused(_("This is no zip file."), field="pictures") from error


def _xlsx_rows(file: IO[bytes]) -> Iterator[list[str]]:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            check_zip(archive, most_files=2_000)
        file.seek(0)
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims about its size is not believed
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            texts = [_cell(cell) for cell in row]
            while texts and not texts[-1]:
                texts.pop()
            yield texts
    except FileRefused:
        raise
    except Exception as error:  # whatever a broken archive makes its readers say
        raise FileRefused(_("This is no readable .xlsx file."), field="file") from error


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "f" or (isinstance(value, str) and value.startswith("=")):
        return FORMULA + str(getattr(value, "text", value))[:200]
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value)[:MAX_CELL].replace("\x00", "").replace(FORMULA, "")
