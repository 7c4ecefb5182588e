"""The projection of a pool as staff see it: two sets of terms side by side, refusals, the file, keeping it."""

import io
import zipfile

from tests.tenant_apps.backoffice.conftest import signed_in  # noqa: F401

URL = "/backoffice/projection/"
ASKED = {
    "first": "1000000", "concession_ppm": "20", "periods1": "60", "growth1": "15", "periods2": "60", "growth2": "-100",
    "a-basis": "fully_reserved", "b-basis": "public_table",
}  # fmt: skip


def page(client, status=200, **asked):
    answer = client.get(URL, asked, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == status
    return answer.content.decode()


def test_two_sets_of_terms_side_by_side_with_the_figures_of_the_published_table(finance):
    text = page(finance, **ASKED)
    for figure in ("0.3×", "0.223×", "99.16%", "94.12%", "58, from period 64 on"):
        assert figure in text, figure
    assert "only 0 of 40 periods are held in reserve" in text
    assert text.count("<figure") == 6


def test_without_a_question_it_answers_the_standard_one(finance):
    text = page(finance)
    assert "72.9" in text
    assert "bo-note-bad" in text


def test_terms_below_self_funding_are_refused_by_name(finance):
    text = page(finance, 422, **ASKED, **{"a-pool_share_ppm": "39.99"})
    assert "must be at least 40 %" in text
    assert "here it is 39.99 %" in text
    assert "<figure" not in text


def test_single_values_are_put_otherwise(finance):
    text = page(finance, **ASKED | {"b-basis": "", "a-pool_share_ppm": "100"})
    assert "0.555×" in text
    assert "B ·" not in text


def test_a_run_without_periods_and_a_turnover_beyond_bounds_are_refused(finance):
    assert "For how many periods?" in page(finance, 422, **ASKED | {"periods2": ""})
    assert "no period above" in page(finance, 422, **ASKED | {"periods1": "400"})


def test_the_file_has_key_figures_periods_and_cohorts(finance):
    answer = finance.get(f"{URL}file", ASKED)
    assert answer.status_code == 200
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 5
    assert book.read("xl/worksheets/sheet2.xml").count(b"<row ") == 122


def test_without_a_draft_there_is_nothing_to_keep_it_with(finance):
    answer = finance.post(f"{URL}keep", ASKED)
    assert (answer.status_code, answer["Location"]) == (302, URL)
