"""What skin care and make-up come in."""

from saas.runtime.demo_goods.canvas import WHITE, Canvas, hsv, mix
from saas.runtime.demo_goods.shapes.tones import CREAM, DARK, GOLD, Brand


def tube(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.26, 0.96)
    c.shadow(width=330)
    c.outline([(360, 190), (640, 190), (606, 640), (394, 640)], color, 0.5)
    c.body((356, 176, 644, 214), mix(color, (0, 0, 0), 0.1), 4, 0.4)
    c.body((404, 634, 596, 742), WHITE, 16, 0.2)
    c.text(brand[0], 500, 360, 62, mix(color, (30, 10, 30), 0.65), widest=200)
    c.stroke([(450, 408), (550, 408)], mix(color, (30, 10, 30), 0.5), 3)
    c.text(brand[1], 500, 440, 24, mix(color, (30, 10, 30), 0.6), "Regular", 180)


def pump(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.30, 0.94)
    c.shadow(width=380)
    c.body((484, 190, 516, 300), (226, 226, 230), 6, 0.5)
    c.body((392, 168, 566, 206), WHITE, 16, 0.2)
    c.body((384, 186, 408, 222), WHITE, 6, 0.2)
    c.body((440, 280, 560, 350), WHITE, 14, 0.2)
    c.body((364, 340, 636, 742), color, 54, 0.5)
    c.gleam((386, 390, 404, 690))
    c.label((402, 450, 598, 640), brand, mix(color, (30, 10, 30), 0.6))


def dropper(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.55, 0.80)
    c.shadow(width=340)
    c.body((462, 160, 538, 290), DARK, 36, 0.35)
    c.body((438, 280, 562, 360), GOLD, 10, 0.5)
    c.outline([(452, 356), (548, 356), (630, 430), (370, 430)], color, 0.5)
    c.body((370, 410, 630, 742), color, 44, 0.5)
    c.gleam((392, 450, 410, 700))
    c.label((408, 490, 592, 660), brand, mix(color, (20, 10, 20), 0.6))


def cosmeticjar(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.26, 0.97)
    c.shadow(width=560)
    c.body((270, 480, 730, 742), color, 60, 0.5)
    c.body((262, 330, 738, 490), WHITE, 26, 0.15)
    c.body((262, 466, 738, 490), GOLD, 6, 0.5)
    c.text(brand[0], 500, 590, 72, mix(color, (40, 10, 30), 0.65), widest=300)
    c.text(brand[1], 500, 660, 28, mix(color, (40, 10, 30), 0.55), "Regular", 300)


def sachet(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.30, 0.95)
    c.shadow(width=540)
    for dx, tone in ((-110, 0.5), (110, 0.28), (0, 0.0)):
        shade = mix(color, WHITE, tone)
        c.body((330 + dx, 210, 670 + dx, 740), shade, 10, 0.35)
        c.body((330 + dx, 210, 670 + dx, 250), mix(shade, (0, 0, 0), 0.08), 6, 0.3)
    c.oval((400, 320, 600, 540), mix(color, WHITE, 0.55))
    c.leaf(500, 430, 190, 80, mix(color, hsv(c.hue, 0.7, 0.6), 0.5), 45)
    c.text(brand[0], 500, 610, 60, mix(color, (40, 10, 30), 0.65), widest=280)
    c.text(brand[1], 500, 668, 24, mix(color, (40, 10, 30), 0.55), "Regular", 280)


def spray(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.32, 0.95)
    c.shadow(width=300)
    c.body((456, 165, 544, 235), WHITE, 20, 0.2)
    c.body((426, 225, 574, 330), mix(color, WHITE, 0.55), 40, 0.4)
    c.body((404, 320, 596, 742), color, 26, 0.5)
    c.gleam((420, 360, 436, 700))
    for number, (x, y) in enumerate(((400, 190), (360, 170), (360, 210), (320, 150), (318, 192), (322, 232))):
        c.oval((x - 9 + number, y - 9, x + 9 - number, y + 9), WHITE)
    c.label((424, 440, 576, 640), brand, mix(color, (30, 10, 30), 0.6))


def compact(c: Canvas, brand: Brand) -> None:
    rim = mix(hsv(c.hue, 0.30, 0.92), GOLD, 0.4)
    c.shadow(width=620)
    c.ball(500, 350, 440, 400, rim)
    c.oval((316, 186, 684, 514), (214, 226, 234))
    c.flat([(360, 420), (540, 210), (590, 230), (400, 470)], (236, 243, 247))
    c.ball(500, 620, 560, 260, rim)
    c.oval((260, 512, 740, 704), hsv(c.hue, 0.30, 0.93))
    c.oval((280, 520, 720, 690), hsv(c.hue, 0.26, 0.97))
    c.text(brand[0], 500, 604, 60, mix(rim, (60, 20, 20), 0.5), widest=240)


def lipstick(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.74, 0.78)
    c.shadow(center=520, width=520)
    c.body((585, 380, 720, 742), DARK, 14, 0.35)
    c.body((585, 470, 720, 490), GOLD, 1, 0.5)
    c.outline([(405, 470), (405, 270), (440, 215), (505, 178), (525, 200), (525, 470)], color, 0.5)
    c.body((395, 440, 535, 560), GOLD, 8, 0.5)
    c.body((380, 550, 550, 742), DARK, 14, 0.35)
    c.text(brand[0], 465, 645, 46, GOLD, widest=140)


def palette(c: Canvas, brand: Brand) -> None:
    c.shadow(width=680)
    c.body((210, 190, 790, 430), (218, 228, 236), 26, 0.3)
    c.flat([(300, 400), (430, 215), (490, 215), (360, 400)], (238, 244, 248))
    c.body((200, 430, 800, 742), mix(hsv(c.hue, 0.35, 0.5), DARK, 0.4), 26, 0.3)
    for number in range(9):
        x, y = 246 + number % 5 * 108, 462 + number // 5 * 136
        width = 90 if number < 5 else 116
        x = x if number < 5 else 246 + (number - 5) * 135
        c.plate(
            (x, y, x + width, y + 112),
            hsv(c.hue + number * 5 - 12, 0.28 + number % 4 * 0.12, 0.95 - number * 0.055),
            12,
        )


def pen(c: Canvas, brand: Brand) -> None:
    c.shadow(width=380)
    tone = mix(hsv(c.hue, 0.4, 0.45), DARK, 0.35)
    c.body((400, 320, 470, 742), tone, 20, 0.4)
    c.body((400, 500, 470, 516), GOLD, 1, 0.5)
    c.outline([(412, 322), (458, 322), (442, 230), (428, 230)], (200, 200, 206), 0.5)
    c.outline([(426, 232), (444, 232), (435, 170)], DARK, 0.3)
    c.body((540, 250, 610, 742), tone, 20, 0.4)
    c.body((540, 330, 610, 346), GOLD, 1, 0.5)
    c.text(brand[0], 575, 540, 34, GOLD, widest=64)


def perfume(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.38, 0.96)
    c.shadow(width=500)
    c.body((446, 175, 554, 310), GOLD, 14, 0.55)
    c.body((424, 300, 576, 340), mix(GOLD, WHITE, 0.3), 8, 0.5)
    c.body((300, 335, 700, 742), mix(color, WHITE, 0.65), 54, 0.4)
    c.body((330, 410, 670, 716), color, 36, 0.5)
    c.gleam((346, 380, 366, 690), 120)
    c.label((395, 480, 605, 640), brand, mix(color, (50, 10, 30), 0.6))


def candle(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.22, 0.96)
    c.shadow(width=470)
    c.ball(500, 300, 300, 320, (255, 240, 200))
    c.leaf(500, 312, 130, 66, (255, 176, 66), 90)
    c.leaf(500, 330, 76, 36, (255, 236, 150), 90)
    c.stroke([(500, 372), (500, 420)], DARK, 7)
    c.oval((330, 390, 670, 460), mix(color, (120, 80, 40), 0.15))
    c.body((330, 425, 670, 742), color, 30, 0.5)
    c.gleam((352, 470, 372, 700))
    c.label((400, 520, 600, 680), brand, mix(color, (60, 30, 10), 0.65), CREAM)
