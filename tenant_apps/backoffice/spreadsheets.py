"""Lists as .xlsx files, written a row at a time: as long as they need to be, in little memory."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, cast

import xlsxwriter
from django.http import FileResponse, HttpResponse

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Yuan(int):
    """Fen that a cell shows as yuan with two decimals."""


def spreadsheet(*, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A file of one sheet to be saved as `name`.xlsx. Text is text: nothing in it is taken for a formula or a link."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    sheet = book.add_worksheet()
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    sheet.set_column(0, len(headings) - 1, 18)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [str(one) for one in headings], bold)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, Yuan):
                sheet.write_number(number, column, value / 100, money)
            elif isinstance(value, int):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, str(value))
    book.close()
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=_TYPE)
    return cast(HttpResponse, answer)  # a streaming answer is none by its class, but for every caller
