"""QR codes of pages and posters: what is drawn is read again."""

import re

import pytest
import zxingcpp
from PIL import Image

from saas.kernel import qr_code

TEXTS = [
    "weixin://wxpay/bizpayurl?pr=aB3dE5fG7",
    "https://qinghe.example/s/01ABC?a=b&c=d",
    "青禾鲜选 · 付款",
    "a" * 2000,
]


def drawn(svg: str) -> Image.Image:
    """The picture that the path of an SVG makes, eight pixels a module."""
    size = int(re.search(r'viewBox="-2 -2.5 (\d+) ', svg)[1])
    picture = Image.new("L", (size, size), 255)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)", svg):
        picture.paste(0, (int(x) + 2, int(y) + 2, int(x) + 2 + int(length), int(y) + 3))
    return picture.resize((size * 8, size * 8), Image.Resampling.NEAREST)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_drawn_is_read_again(text):
    for picture in (drawn(qr_code.svg(text, css="size-full")), qr_code.picture(text, side=260)):
        (found,) = zxingcpp.read_barcodes(picture)
        assert found.text == text
        assert found.format == zxingcpp.BarcodeFormat.QRCode


def test_a_picture_keeps_to_its_side_and_to_three_pixels_a_module():
    small, large = qr_code.picture(TEXTS[0], side=260), qr_code.picture("a" * 2000, side=260)
    assert small.width == small.height == (29 + 4) * 7
    assert large.width % 3 == 0
    assert large.width > 260


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(ValueError):
        qr_code.svg("a" * 3000, css="")


def test_the_class_is_on_the_picture():
    assert 'class="size-full"' in qr_code.svg("a", css="size-full")
