"""QR codes as pages and posters show them: correction level M, encoded by zxing-cpp."""

import re
from typing import Any

import zxingcpp
from PIL import Image

QUIET = 2  # light modules around
_DARK = re.compile(b"\x00+")


def svg(text: str, *, css: str) -> str:
    """An inline SVG of `text`. Raises ValueError when it is too long."""
    modules, width = _modules(text)
    path = "".join(
        [
            f"M{run.start()} {row}h{run.end() - run.start()}"
            for row in range(width)
            for run in _DARK.finditer(modules[row * width : (row + 1) * width])
        ]
    )
    size = width + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{QUIET} -{QUIET}.5 {size} {size}" class="{css}"'
        f' shape-rendering="crispEdges"><path stroke="#000" d="{path}"/></svg>'
    )


def picture(text: str, *, side: int) -> Image.Image:
    """A black and white picture of `text`, at least 3 pixels a module and otherwise at most `side` pixels wide.

    Raises ValueError when the text is too long.
    """
    modules, width = _modules(text)
    framed = Image.new("L", (width + 2 * QUIET,) * 2, 255)
    framed.paste(Image.frombytes("L", (width, width), modules), (QUIET, QUIET))
    scale = max(3, side // framed.width)
    return framed.resize((framed.width * scale,) * 2, Image.Resampling.NEAREST)


def _modules(text: str) -> tuple[bytes, int]:
    """The symbol row by row, a dark module as 0, and its width."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    grid: Any = made.to_image(scale=1, add_quiet_zones=False)
    return bytes(grid), int(grid.shape[0])
