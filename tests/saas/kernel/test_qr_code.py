"""QR codes of pages, against segno's encoder."""

import re

import pytest
import segno

from saas.kernel import qr_code


def _segno(text: str) -> list[str]:
    made = segno.make(text, error="m", micro=False, mask=3, mode="byte", boost_error=False)
    return ["".join(str(int(bool(module))) for module in row) for row in made.matrix]


@pytest.mark.parametrize("version", range(1, 41))
def test_a_symbol_of_every_size_is_as_another_encoder_makes_it(version: int) -> None:
    room = qr_code._room(version)
    text = "".join(chr(33 + (place * 7 + version) % 90) for place in range(room))
    rows = qr_code.matrix(text)
    assert len(rows) == 17 + 4 * version
    assert rows == _segno(text)


def test_a_short_text_ends_with_a_terminator_and_is_padded_in_turn() -> None:
    """By the standard's 7.4.9 and 7.4.10, on paper (segno puts an empty codeword before the padding)."""
    padded = "4 01 61 0 ec 11 ec 11 ec 11 ec 11 ec 11 ec 11 ec".replace(" ", "")
    assert qr_code._data(b"a", 1, qr_code._shape(1)).hex() == padded
    assert len(padded) == 32


def test_the_largest_text_fits_and_one_more_does_not() -> None:
    assert len(qr_code.matrix("a" * 2331)) == 177
    with pytest.raises(ValueError, match="too long"):
        qr_code.matrix("a" * 2332)


def test_the_picture_holds_exactly_the_dark_modules() -> None:
    text = "weixin://wxpay/bizpayurl?pr=aB3dE5fG7"
    rows = qr_code.matrix(text)
    picture = qr_code.svg(text, css="size-full")
    drawn = [["0"] * len(rows) for _row in rows]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)", picture):
        for at in range(int(x), int(x) + int(length)):
            drawn[int(y)][at] = "1"
    assert ["".join(row) for row in drawn] == rows
    assert f'viewBox="-2 -2.5 {len(rows) + 4} {len(rows) + 4}" class="size-full"' in picture
