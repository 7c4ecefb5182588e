"""Lists as .xlsx files, written a row at a time: as long as they need to be, in little memory."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

import xlsxwriter
from django.http import FileResponse, HttpResponse

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Yuan(int):
    """Fen that a cell shows as yuan with two decimals."""


class Percent(int):
    """Ppm that a cell shows as a percentage."""


class Times(int):
    """Ppm that a cell shows as a multiple."""


class Sheet(NamedTuple):
    """One sheet of a workbook."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]


def spreadsheet(*, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A file of one sheet to be saved as `name`.xlsx. Text is text: nothing in it is taken for a formula or a link."""
    return workbook(name=name, sheets=[Sheet("", headings, rows)])


def workbook(*, name: str, sheets: Iterable[Sheet]) -> HttpResponse:
    """A file of several sheets."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True})
    formats = {
        Yuan: (100, book.add_format({"num_format": "#,##0.00"})),
        Percent: (1_000_000, book.add_format({"num_format": "0.00%"})),
        Times: (1_000_000, book.add_format({"num_format": "0.000"})),
    }
    for one in sheets:
        sheet = book.add_worksheet(one.title[:31] or None)
        sheet.set_column(0, len(one.headings) - 1, 18)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [str(heading) for heading in one.headings], bold)
        for number, row in enumerate(one.rows, start=1):
            for column, value in enumerate(row):
                if type(value) in formats:
                    divisor, shown = formats[type(value)]
                    sheet.write_number(number, column, value / divisor, shown)
                elif isinstance(value, int):
                    sheet.write_number(number, column, value)
                else:
                    sheet.write_string(number, column, str(value))
    book.close()
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=_TYPE)
    return cast(HttpResponse, answer)  # a streaming answer is none by its class, but for every caller
