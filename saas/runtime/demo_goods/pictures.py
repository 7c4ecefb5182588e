"""A picture of a product, drawn from its shape, hue and name; always the same for the same product."""

import io

from saas.runtime.demo_goods.canvas import Canvas
from saas.runtime.demo_goods.shapes import SHAPES

SIDE = 960
BRANDS = {"grocery": ("青禾", "QINGHE"), "beauty": ("芍药", "SHAOYAO")}


def draw(kind: str, shape: str, hue: int, title: str, subtitle: str) -> bytes:
    """The picture as a JPEG file's content."""
    canvas = Canvas(hue)
    SHAPES[shape](canvas, BRANDS[kind])
    buffer = io.BytesIO()
    canvas.finish(title, subtitle, SIDE).save(buffer, format="JPEG", quality=92)
    return buffer.getvalue()
