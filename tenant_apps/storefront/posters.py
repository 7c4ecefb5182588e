"""The share poster: 750 × 1200 PNG with the mall's name, logo, one product and a QR code. Drawn with Pillow.

Chinese text needs a font: POSTER_FONT, else Noto Sans CJK where the system has it (Debian: fonts-noto-cjk). Without
one the poster still has picture, price and QR code, and of its words those in Latin letters.
"""

import functools
import hashlib
import io
import logging
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from PIL import Image, ImageColor, ImageDraw, ImageFont, ImageOps

from saas.kernel import qr_code

logger = logging.getLogger(__name__)

SIZE = (750, 1200)
MARGIN = 50
_KEPT_SECONDS = 86400
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
_SIMPLIFIED = 2  # index of the SC face in Noto's collections


@dataclass(frozen=True)
class Poster:
    """Everything that is on a poster: the same content is the same picture."""

    mall: str
    tagline: str
    logo_key: str
    color: str
    title: str
    price: str
    picture_key: str
    invitation: str
    hint: str
    link: str


def image(poster: Poster) -> bytes:
    """The poster as PNG bytes, from the mall's cache if it was drawn before. Without Redis it is drawn each time."""
    key = f"poster:{hashlib.sha256(repr(poster).encode()).hexdigest()}"
    try:
        known: bytes | None = cache.get(key)
    except Exception:  # whatever the cache's client raises when its server is gone
        known = None
    if known is not None:
        return known
    drawn = _draw(poster)
    try:
        cache.set(key, drawn, _KEPT_SECONDS)
    except Exception:
        logger.warning("poster not cached")
    return drawn


def _draw(poster: Poster) -> bytes:
    canvas = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(canvas)
    color = ImageColor.getrgb(poster.color)
    draw.rectangle((0, 0, SIZE[0], 150), fill=color)
    _head(canvas, draw, poster, color)
    top = 150 + MARGIN
    picture = _picture(poster.picture_key)
    if picture is not None:
        canvas.paste(ImageOps.fit(picture, (650, 560)), (MARGIN, top))
        top += 590
    else:
        draw.rounded_rectangle((MARGIN, top, SIZE[0] - MARGIN, top + 560), 24, fill=_pale(color))
        _text(draw, poster.invitation, (MARGIN + 40, top + 180), 56, color, 570, lines=2)
        _text(draw, poster.tagline, (MARGIN + 40, top + 350), 34, (70, 70, 70), 570, lines=2)
        top += 590
    _text(draw, poster.title, (MARGIN, top), 34, (28, 25, 23), 650, lines=2)
    _text(draw, poster.price, (MARGIN, top + 100), 52, (185, 28, 28), 400)
    if picture is not None:
        _text(draw, poster.invitation, (MARGIN, 1050), 30, (70, 70, 70), 380)
    _text(draw, poster.hint, (MARGIN, 1100), 28, (120, 113, 108), 380)
    code = qr_code.picture(poster.link, side=260).convert("RGB")
    canvas.paste(code, (SIZE[0] - MARGIN - code.width, SIZE[1] - MARGIN + 20 - code.height))
    out = io.BytesIO()
    canvas.quantize(160).save(out, "PNG", optimize=True)
    return out.getvalue()


def _head(canvas: Image.Image, draw: ImageDraw.ImageDraw, poster: Poster, color: tuple[int, ...]) -> None:
    ink = (255, 255, 255) if sum(color[:3]) < 480 else (28, 25, 23)
    logo = _picture(poster.logo_key)
    left = MARGIN
    if logo is not None:
        logo.thumbnail((90, 90))
        draw.rounded_rectangle((MARGIN - 8, 22, MARGIN + 98, 128), 20, fill="white")
        canvas.paste(logo, (MARGIN + (90 - logo.width) // 2, 30 + (90 - logo.height) // 2))
        left += 125
    _text(draw, poster.mall, (left, 46), 46, ink, SIZE[0] - left - MARGIN)


def _picture(key: str) -> Image.Image | None:
    """A catalogue picture (a folder of renditions) or a plain media file; None if it cannot be read."""
    if not key:
        return None
    for name in (f"{key}/640.webp", key):
        try:
            with default_storage.open(name) as file:
                return Image.open(io.BytesIO(file.read())).convert("RGB")
        except (OSError, ValueError):
            continue
    return None


def _pale(color: tuple[int, ...]) -> tuple[int, int, int]:
    red, green, blue = (part + (255 - part) * 9 // 10 for part in color[:3])
    return red, green, blue


@functools.cache
def _font_file() -> str:
    given = getattr(settings, "POSTER_FONT", "")
    for name in (given, *_FONTS):
        if name and Path(name).exists():
            return str(name)
    logger.warning(
        "no font for Chinese found: posters show Latin text only (install fonts-noto-cjk or set POSTER_FONT)"
    )
    return ""


@functools.lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    name = _font_file()
    if not name:
        return ImageFont.load_default(size)
    return ImageFont.truetype(name, size, index=_SIMPLIFIED if "NotoSansCJK" in name else 0)


def _text(
    draw: ImageDraw.ImageDraw,
    text: str,
    at: tuple[int, int],
    size: int,
    fill: tuple[int, ...],
    width: int,
    *,
    lines: int = 1,
) -> None:
    """Write text into `width` pixels, broken anywhere (as Chinese is), cut with an ellipsis after `lines`."""
    if not _font_file() and not text.isascii():
        text = "".join(letter for letter in text if letter.isascii()).strip()
    font = _font(size)
    left, top = at
    for number in range(lines):
        count = len(text)
        while count and draw.textlength(text[:count], font=font) > width:
            count -= 1
        line, text = text[:count], text[count:].lstrip()
        if text and number == lines - 1:
            line = line[:-1] + "…"
        draw.text((left, top + number * (size * 4 // 3)), line, font=font, fill=fill)
        if not text:
            return
