"""What food and drink come in."""

import math

from saas.runtime.demo_goods.canvas import WHITE, Canvas, hsv, mix
from saas.runtime.demo_goods.shapes.tones import CREAM, GOLD, Brand


def carton(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.50, 0.86)
    c.shadow(width=420)
    c.outline([(350, 360), (650, 360), (600, 240), (400, 240)], mix(color, WHITE, 0.6), 0.5)
    c.body((395, 205, 605, 250), mix(color, WHITE, 0.4), 6, 0.4)
    c.body((350, 355, 650, 740), WHITE, 8, 0.1)
    c.pen.pieslice(c.px(200, 560, 800, 1000), 180, 360, fill=None)
    c.body((350, 590, 650, 740), color, 8, 0.35)
    c.ball(575, 590, 110, 110, mix(color, WHITE, 0.75))
    c.label((375, 400, 625, 560), brand, mix(color, (0, 0, 0), 0.3))


def jar(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.75, 0.78)
    c.shadow(width=470)
    c.body((320, 330, 680, 742), color, 70, 0.45)
    c.gleam((350, 380, 374, 690))
    c.body((335, 225, 665, 335), GOLD, 22, 0.5)
    for x in range(350, 660, 22):
        c.stroke([(x, 245), (x, 322)], mix(GOLD, (0, 0, 0), 0.12), 3)
    c.label((365, 430, 635, 640), brand, mix(color, (0, 0, 0), 0.35), CREAM)


def sack(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.24, 0.92)
    c.shadow(width=560)
    c.outline([(300, 330), (700, 330), (745, 560), (720, 740), (280, 740), (255, 560)], color, 0.35)
    c.outline([(360, 205), (640, 205), (600, 300), (700, 340), (300, 340), (400, 300)], mix(color, WHITE, 0.2), 0.35)
    c.body((385, 286, 615, 318), mix(hsv(c.hue, 0.8, 0.6), WHITE, 0.1), 14, 0.3)
    c.label((350, 430, 650, 650), brand, hsv(c.hue, 0.75, 0.45), CREAM)


def pouch(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.58, 0.80)
    c.shadow(width=500)
    c.outline([(315, 215), (685, 215), (672, 420), (705, 742), (295, 742), (328, 420)], color, 0.4)
    c.body((315, 205, 685, 258), mix(color, (0, 0, 0), 0.18), 6, 0.3)
    for x in range(330, 680, 18):
        c.stroke([(x, 210), (x, 254)], mix(color, WHITE, 0.2), 2)
    c.label((358, 310, 642, 500), brand, mix(color, (0, 0, 0), 0.4), CREAM)
    c.oval((380, 545, 620, 705), mix(color, (0, 0, 0), 0.3))
    for number in range(14):
        x, y = 428 + (number % 5) * 36, 590 + number // 5 * 36
        c.ball(x, y, 46, 42, hsv(c.hue + 8, 0.5, 0.92))


def oilbottle(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.70, 0.94)
    c.shadow(width=440)
    c.body((452, 170, 548, 240), (192, 60, 48), 14, 0.4)
    c.outline(
        [(462, 236), (538, 236), (560, 300), (655, 380), (655, 420), (345, 420), (345, 380), (440, 300)], color, 0.5
    )
    c.body((345, 385, 655, 742), color, 42, 0.5)
    c.gleam((368, 420, 390, 700))
    c.label((372, 470, 628, 670), brand, mix(color, (60, 10, 0), 0.65))


def bottle(c: Canvas, brand: Brand) -> None:
    skincare = brand[1] == "SHAOYAO"
    color = hsv(c.hue, 0.34, 0.93) if skincare else hsv(c.hue, 0.82, 0.40)
    cap = WHITE if skincare else (176, 44, 40)
    c.shadow(width=360)
    c.body((448, 160, 552, 262), cap, 16, 0.35)
    c.outline(
        [(456, 258), (544, 258), (556, 320), (625, 400), (625, 430), (375, 430), (375, 400), (444, 320)], color, 0.5
    )
    c.body((375, 400, 625, 742), color, 36, 0.5)
    c.gleam((394, 430, 412, 700))
    c.label((392, 480, 608, 660), brand, mix(color, (0, 0, 0), 0.5), WHITE)


def glassbottle(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.72, 0.95)
    c.shadow(width=520)
    for x, scale in ((355, 0.84), (645, 0.84), (500, 1.0)):
        half, top = 112 * scale, 742 - 520 * scale
        c.body((x - 42 * scale, top - 44, x + 42 * scale, top + 20), WHITE, 10, 0.2)
        c.outline(
            [
                (x - 40 * scale, top + 16),
                (x + 40 * scale, top + 16),
                (x + half, top + 150 * scale),
                (x - half, top + 150 * scale),
            ],
            mix(color, WHITE, 0.2),
            0.5,
        )
        c.body((x - half, top + 130 * scale, x + half, 742), color, 30, 0.5)
        c.gleam((x - half + 14, top + 170 * scale, x - half + 28, 700))
        c.label(
            (x - half * 0.82, top + 220 * scale, x + half * 0.82, top + 380 * scale),
            brand,
            mix(color, (40, 0, 0), 0.55),
        )


def cookies(c: Canvas, brand: Brand) -> None:
    c.shadow(width=680)
    for x, y, size in ((340, 590, 280), (660, 590, 280), (500, 460, 330)):
        c.ball(x, y, size, size, hsv(c.hue, 0.50, 0.90))
        c.arc((x - size * 0.42, y - size * 0.42, x + size * 0.42, y + size * 0.42), 0, 360, hsv(c.hue, 0.55, 0.74), 6)
        for number in range(9):
            angle, radius = number * 2.4, size * 0.12 * (number % 3 + 0.4)
            px, py = x + math.cos(angle) * radius, y + math.sin(angle) * radius
            c.oval((px - 9, py - 9, px + 9, py + 9), hsv(c.hue - 8, 0.66, 0.48))


def box(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.46, 0.88)
    c.shadow(width=640)
    c.flat([(250, 360), (370, 270), (780, 270), (660, 360)], mix(color, WHITE, 0.45))
    c.flat([(660, 360), (780, 270), (780, 640), (660, 740)], mix(color, (30, 10, 30), 0.3))
    c.body((250, 358, 662, 742), color, 4, 0.25)
    c.body((250, 470, 662, 496), GOLD, 1, 0.4)
    c.label((318, 520, 594, 690), brand, mix(color, (0, 0, 0), 0.45), CREAM)
    c.ball(456, 418, 70, 70, GOLD)


def tin(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.55, 0.50)
    c.shadow(width=420)
    c.body((340, 290, 660, 742), color, 26, 0.4)
    c.oval((340, 250, 660, 330), mix(color, WHITE, 0.25))
    c.body((332, 262, 668, 345), GOLD, 30, 0.5)
    c.oval((340, 236, 660, 300), mix(GOLD, WHITE, 0.35))
    c.body((340, 700, 660, 720), GOLD, 2, 0.5)
    c.label((385, 410, 615, 630), brand, mix(color, (0, 0, 0), 0.35), CREAM)
