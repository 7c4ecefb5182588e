"""A small drawing kit over Pillow: shaded bodies and balls, soft shadows, gradients, text. Coordinates run 0…1000."""

import colorsys
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

SIDE = 1280  # drawn at this size, then made smaller: edges come out smooth
FONTS = Path(__file__).parent / "fonts"
Color = tuple[int, int, int]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
WHITE: Color = (255, 255, 255)
INK: Color = (38, 40, 46)


def hsv(hue: float, saturation: float, value: float) -> Color:
    """A colour: hue in degrees, the others 0…1."""
    red, green, blue = colorsys.hsv_to_rgb((hue % 360) / 360, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


@cache
def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """The project's subset of Noto Sans CJK SC in `Bold` or `Regular`."""
    return ImageFont.truetype(str(FONTS / f"NotoSansCJKsc-{weight}.subset.otf"), size)


class Canvas:
    """A picture under construction."""

    def __init__(self, hue: int) -> None:
        self.hue = hue
        top, bottom = hsv(hue, 0.10, 1.0), hsv(hue + 12, 0.30, 0.97)
        self.image = _gradient((SIDE, SIDE), top, bottom)
        self._glow()
        self.pen = ImageDraw.Draw(self.image)

    def _glow(self) -> None:
        mask = Image.new("L", (240, 240), 0)
        ImageDraw.Draw(mask).ellipse((48, 26, 192, 170), fill=150)
        mask = mask.filter(ImageFilter.GaussianBlur(14)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        self.image.paste(WHITE, (0, 0), mask)

    def px(self, *values: float) -> tuple[float, ...]:
        """Units to pixels."""
        return tuple(value * SIDE / 1000 for value in values)

    def shadow(self, center: float = 500, width: float = 420, y: float = 742) -> None:
        """The soft shadow on which things stand."""
        mask = Image.new("L", (240, 240), 0)
        left, right = (center - width / 2) * 0.24, (center + width / 2) * 0.24
        ImageDraw.Draw(mask).ellipse((left, y * 0.24 - 7, right, y * 0.24 + 7), fill=120)
        mask = mask.filter(ImageFilter.GaussianBlur(5)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        self.image.paste(hsv(self.hue, 0.45, 0.45), (0, 0), mask)

    def ball(self, x: float, y: float, width: float, height: float, color: Color, turn: float = 0) -> None:
        """An ellipse shaded like a ball lit from the upper left."""
        size = (max(2, round(width * SIDE / 1000)), max(2, round(height * SIDE / 1000)))
        shade = Image.radial_gradient("L").resize((size[0] * 2, size[1] * 2))
        left, top = round(size[0] * 0.68), round(size[1] * 0.72)
        shade = shade.crop((left, top, left + size[0], top + size[1]))
        skin = ImageOps.colorize(
            shade, black=_mix(color, WHITE, 0.55), mid=color, white=_mix(color, (30, 10, 20), 0.45), midpoint=70
        )
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)
        self._stamp(skin, mask, x, y, turn)

    def body(self, box: Box, color: Color, radius: float = 30, gloss: float = 0.5) -> None:
        """A rounded rectangle shaded like a cylinder."""
        left, top, right, bottom = (round(value) for value in self.px(*box))
        size = (max(2, right - left), max(2, bottom - top))
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius * SIDE / 1000, fill=255)
        self.image.paste(_cylinder(size, color, gloss), (left, top), mask)

    def outline(self, points: list[Point], color: Color, gloss: float = 0.5) -> None:
        """A polygon shaded like a cylinder."""
        pixels = [self.px(*point) for point in points]
        left, right = round(min(x for x, _ in pixels)), round(max(x for x, _ in pixels))
        top, bottom = round(min(y for _, y in pixels)), round(max(y for _, y in pixels))
        size = (max(2, right - left), max(2, bottom - top))
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in pixels], fill=255)
        self.image.paste(_cylinder(size, color, gloss), (left, top), mask)

    def flat(self, points: list[Point], color: Color) -> None:
        """A polygon in one colour."""
        self.pen.polygon([self.px(*point) for point in points], fill=color)

    def oval(self, box: Box, color: Color) -> None:
        """An ellipse in one colour."""
        self.pen.ellipse(self.px(*box), fill=color)

    def plate(self, box: Box, color: Color, radius: float = 14) -> None:
        """A rounded rectangle in one colour."""
        self.pen.rounded_rectangle(self.px(*box), radius * SIDE / 1000, fill=color)

    def stroke(self, points: list[Point], color: Color, width: float) -> None:
        """A line with round joints."""
        pixels = [self.px(*point) for point in points]
        self.pen.line(pixels, fill=color, width=max(1, round(width * SIDE / 1000)), joint="curve")

    def arc(self, box: Box, start: float, end: float, color: Color, width: float) -> None:
        """A part of an ellipse's edge."""
        self.pen.arc(self.px(*box), start, end, fill=color, width=max(1, round(width * SIDE / 1000)))

    def leaf(self, x: float, y: float, length: float, width: float, color: Color, turn: float) -> None:
        """A pointed leaf with a rib; it grows to the right of its middle, turned counter-clockwise."""
        size = (round(length * SIDE / 1000), round(width * SIDE / 1000))
        mask = Image.new("L", size, 0)
        half = size[0] * 0.62
        one, two = Image.new("L", size, 0), Image.new("L", size, 0)
        middle = size[0] / 2
        ImageDraw.Draw(one).ellipse((middle - half, 0, middle + half, size[1] * 1.9), fill=255)
        ImageDraw.Draw(two).ellipse((middle - half, -size[1] * 0.9, middle + half, size[1]), fill=255)
        mask = ImageChops.darker(one, two)
        skin = _gradient(size, _mix(color, WHITE, 0.25), _mix(color, (0, 40, 0), 0.2))
        ImageDraw.Draw(skin).line((0, size[1] / 2, size[0], size[1] / 2), fill=_mix(color, WHITE, 0.5), width=4)
        self._stamp(skin, mask, x, y, turn)

    def gleam(self, box: Box, strength: int = 90) -> None:
        """A streak of light on glass."""
        left, top, right, bottom = (round(value) for value in self.px(*box))
        mask = Image.new("L", (right - left, bottom - top), 0)
        ImageDraw.Draw(mask).rounded_rectangle(
            (0, 0, right - left - 1, bottom - top - 1), (right - left) / 2, fill=strength
        )
        self.image.paste(WHITE, (left, top), mask)

    def text(
        self, text: str, x: float, y: float, size: float, color: Color = INK, weight: str = "Bold", widest: float = 900
    ) -> None:
        """Centred text, made smaller if it would be wider than `widest`."""
        pixels = round(size * SIDE / 1000)
        while self.pen.textlength(text, font(weight, pixels)) > widest * SIDE / 1000:
            pixels -= 2
        left, top = self.px(x, y)
        self.pen.text((left, top), text, fill=color, font=font(weight, pixels), anchor="mm")

    def label(self, box: Box, brand: tuple[str, str], color: Color, ground: Color = WHITE) -> None:
        """A printed label: the brand, a line, its Latin name, a dot of colour."""
        left, top, right, bottom = box
        width, height, middle = right - left, bottom - top, (left + right) / 2
        self.plate(box, ground, 8)
        self.text(brand[0], middle, top + height * 0.34, min(height * 0.34, width * 0.26), color, widest=width * 0.86)
        self.stroke(
            [(middle - width * 0.2, top + height * 0.58), (middle + width * 0.2, top + height * 0.58)], color, 3
        )
        self.text(
            brand[1], middle, top + height * 0.76, min(height * 0.15, width * 0.11), color, "Regular", width * 0.86
        )

    def finish(self, title: str, subtitle: str, side: int) -> Image.Image:
        """Write the caption and bring the picture to its final size."""
        self.text(title, 500, 852, 66)
        self.text(subtitle, 500, 922, 36, _mix(INK, hsv(self.hue, 0.5, 0.5), 0.45), "Regular")
        return self.image.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=2)

    def _stamp(self, skin: Image.Image, mask: Image.Image, x: float, y: float, turn: float) -> None:
        if turn:
            skin = skin.rotate(turn, Image.Resampling.BICUBIC, expand=True)
            mask = mask.rotate(turn, Image.Resampling.BICUBIC, expand=True)
        left, top = self.px(x, y)
        self.image.paste(skin, (round(left - skin.width / 2), round(top - skin.height / 2)), mask)


def _mix(one: Color, two: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, two, strict=True))
    return red, green, blue


mix = _mix


def _gradient(size: tuple[int, int], top: Color, bottom: Color) -> Image.Image:
    return ImageOps.colorize(Image.linear_gradient("L").resize(size), black=top, white=bottom)


def _cylinder(size: tuple[int, int], color: Color, gloss: float) -> Image.Image:
    ramp = Image.linear_gradient("L").rotate(90).resize(size)
    light, dark = _mix(color, WHITE, gloss), _mix(color, (20, 20, 30), 0.28)
    return ImageOps.colorize(ramp, black=_mix(color, dark, 0.6), mid=light, white=dark, midpoint=85)
