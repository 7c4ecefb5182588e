"""What goods look like: one function a shape, drawn on a Canvas. Natural things first, then packages."""

import math
from collections.abc import Callable

from saas.runtime.demo_goods.canvas import WHITE, Canvas, Color, hsv, mix

Brand = tuple[str, str]
LEAF: Color = (86, 152, 66)
WOOD: Color = (120, 84, 52)
CREAM: Color = (250, 240, 222)
GOLD: Color = (206, 168, 104)
DARK: Color = (58, 56, 62)


def apple(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.82, 0.86)
    c.shadow(width=620)
    c.ball(360, 560, 330, 320, mix(color, WHITE, 0.12))
    c.stroke([(362, 420), (372, 360), (388, 330)], WOOD, 13)
    c.ball(600, 520, 410, 400, color)
    c.oval((560, 322, 640, 352), mix(color, (40, 0, 0), 0.4))
    c.stroke([(600, 345), (606, 285), (630, 240)], WOOD, 16)
    c.leaf(680, 250, 170, 80, LEAF, 18)


def citrus(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.85, 0.97)
    c.shadow(width=660)
    c.ball(400, 500, 440, 430, color)
    c.leaf(470, 268, 180, 84, LEAF, 24)
    _slice(c, 660, 590, 150, color, mix(color, WHITE, 0.25))


def _slice(c: Canvas, x: float, y: float, radius: float, rind: Color, flesh: Color) -> None:
    c.oval((x - radius, y - radius, x + radius, y + radius), rind)
    inner = radius * 0.9
    c.oval((x - inner, y - inner, x + inner, y + inner), CREAM)
    core = radius * 0.8
    for number in range(9):
        start = number * 40 + 3
        c.pen.pieslice(c.px(x - core, y - core, x + core, y + core), start, start + 34, fill=flesh)
    c.oval((x - 12, y - 12, x + 12, y + 12), CREAM)


def berry(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.72, 0.80 if 200 < c.hue < 320 else 0.90)
    c.shadow(width=640)
    spots = [(300, 620), (430, 650), (570, 650), (700, 620), (360, 510), (500, 530), (640, 510), (430, 400), (570, 400)]
    for x, y in spots:
        c.ball(x, y, 170, 170, color)
        c.oval((x - 26, y - 62, x + 26, y - 42), mix(color, (10, 0, 30), 0.45))
        if not 200 < c.hue < 320:
            c.leaf(x - 22, y - 74, 70, 34, LEAF, 30)
            c.leaf(x + 22, y - 74, 70, 34, LEAF, -30)
            for dx, dy in ((-34, 0), (6, 20), (40, -6), (-10, 48), (30, 50)):
                c.oval((x + dx - 5, y + dy - 6, x + dx + 5, y + dy + 6), (250, 226, 150))
    if 200 < c.hue < 320:
        c.leaf(500, 300, 190, 86, LEAF, 14)


def grape(c: Canvas, brand: Brand) -> None:
    color = hsv(82, 0.55, 0.86)
    c.shadow(width=460)
    c.stroke([(500, 180), (505, 290)], WOOD, 18)
    c.leaf(610, 250, 220, 130, LEAF, 8)
    for row, count in enumerate((5, 6, 5, 4, 3, 1)):
        for number in range(count):
            c.ball(500 + (number - (count - 1) / 2) * 102, 318 + row * 82, 122, 122, color)


def mango(c: Canvas, brand: Brand) -> None:
    c.shadow(width=640)
    c.ball(400, 560, 420, 290, hsv(36, 0.72, 0.95), 22)
    c.ball(600, 500, 460, 310, hsv(44, 0.78, 0.99), 30)
    c.stroke([(748, 352), (770, 318)], WOOD, 14)
    c.leaf(690, 300, 190, 70, LEAF, 160)


def kiwi(c: Canvas, brand: Brand) -> None:
    c.shadow(width=660)
    c.ball(380, 510, 400, 360, (146, 112, 68))
    x, y, radius = 630, 570, 170
    c.oval((x - radius, y - radius, x + radius, y + radius), (140, 106, 62))
    c.oval((x - 158, y - 158, x + 158, y + 158), (142, 190, 62))
    c.oval((x - 118, y - 118, x + 118, y + 118), (168, 208, 88))
    c.oval((x - 46, y - 52, x + 46, y + 52), (236, 240, 200))
    for number in range(20):
        angle = number * math.pi / 10
        sx, sy = x + math.cos(angle) * 74, y + math.sin(angle) * 78
        c.oval((sx - 7, sy - 9, sx + 7, sy + 9), (40, 34, 30))


def melon(c: Canvas, brand: Brand) -> None:
    color = hsv(62, 0.42, 0.80)
    c.shadow(width=640)
    c.ball(450, 500, 520, 460, color)
    for number in range(-3, 4):
        c.arc(
            (450 - abs(number) * 78 - 12, 275, 450 + abs(number) * 78 + 12, 725), 90, 270, mix(color, WHITE, 0.5), 5
        ) if number < 0 else c.arc(
            (450 - number * 78 - 12, 275, 450 + number * 78 + 12, 725), -90, 90, mix(color, WHITE, 0.5), 5
        )
    for y in (360, 440, 520, 600):
        c.arc((215, y - 60, 685, y + 60), 10, 170, mix(color, WHITE, 0.4), 4)
    c.pen.pieslice(c.px(500, 420, 880, 800), 180, 360, fill=(118, 140, 62))
    c.pen.pieslice(c.px(516, 436, 864, 784), 180, 360, fill=(246, 186, 110))
    c.pen.pieslice(c.px(610, 530, 770, 690), 180, 360, fill=(252, 218, 160))


def leafy(c: Canvas, brand: Brand) -> None:
    c.shadow(width=520)
    for x, turn in ((330, 118), (420, 104), (580, 76), (670, 62), (500, 90)):
        tone = hsv(c.hue, 0.62, 0.56 + (x % 7) / 40)
        c.leaf(x, 380, 400, 230, tone, turn)
    for x in (430, 475, 525, 570):
        c.body((x - 34, 520, x + 34, 735), (226, 240, 210), 34, 0.4)
    c.body((410, 600, 590, 640), (214, 166, 92), 10, 0.3)


def tomato(c: Canvas, brand: Brand) -> None:
    c.shadow(width=680)
    for x, y, size in ((340, 570, 300), (660, 570, 310), (500, 520, 380)):
        c.ball(x, y, size, size * 0.92, hsv(c.hue, 0.86, 0.88))
        for turn in (10, 82, 154, 226, 298):
            radians = math.radians(turn)
            c.leaf(x + math.cos(radians) * 40, y - size * 0.40 - math.sin(radians) * 22, 104, 32, LEAF, turn)


def carrot(c: Canvas, brand: Brand) -> None:
    c.shadow(width=600)
    for x, lean in ((380, -40), (620, 40), (500, 0)):
        for turn in (70, 90, 110):
            c.leaf(x + lean * 0.2 + (turn - 90), 230, 210, 54, LEAF, turn - lean * 0.2)
        c.outline(
            [(x - 72, 330), (x + 72, 330), (x + 52, 420), (x + lean + 16, 735), (x + lean - 16, 735), (x - 52, 420)],
            hsv(c.hue, 0.82, 0.96),
            0.35,
        )
        c.oval((x - 72, 304, x + 72, 356), hsv(c.hue, 0.76, 0.98))
        for y in (420, 500, 580):
            c.stroke([(x - 34, y), (x + 6, y + 6)], hsv(c.hue, 0.9, 0.78), 5)


def potato(c: Canvas, brand: Brand) -> None:
    c.shadow(width=680)
    for x, y, width, turn in ((350, 590, 350, 20), (660, 590, 340, -16), (500, 500, 420, 8)):
        c.ball(x, y, width, width * 0.72, (222, 184, 112), turn)
        for dx, dy in ((-70, -10), (20, 40), (80, -30), (-10, -60)):
            c.oval((x + dx - 9, y + dy - 5, x + dx + 9, y + dy + 5), (176, 134, 74))


def mushroom(c: Canvas, brand: Brand) -> None:
    c.shadow(width=640)
    for x, y, size in ((330, 560, 260), (680, 570, 250), (500, 500, 380)):
        c.body((x - size * 0.16, y, x + size * 0.16, y + size * 0.52), CREAM, 40, 0.4)
        c.ball(x, y - size * 0.05, size, size * 0.66, (136, 92, 58))
        c.oval((x - size * 0.42, y + size * 0.10, x + size * 0.42, y + size * 0.26), (236, 218, 186))
        c.body((x - size * 0.14, y + size * 0.18, x + size * 0.14, y + size * 0.52), CREAM, 36, 0.4)


def corn(c: Canvas, brand: Brand) -> None:
    c.shadow(width=560)
    for x in (390, 610):
        for row in range(12):
            width = 5 if 1 < row < 10 else 4
            for number in range(width):
                c.ball(x + (number - (width - 1) / 2) * 36, 230 + row * 40, 44, 48, (248, 208, 84))
        c.leaf(x - 82, 560, 400, 130, LEAF, 100)
        c.leaf(x + 82, 560, 400, 130, hsv(95, 0.5, 0.62), 80)


def pumpkin(c: Canvas, brand: Brand) -> None:
    color = hsv(c.hue, 0.72, 0.86)
    c.shadow(width=640)
    for x in (320, 680, 400, 600, 500):
        c.ball(x, 530, 280, 400, color)
    c.outline([(470, 360), (530, 360), (548, 250), (500, 240)], (110, 124, 70), 0.3)


def steak(c: Canvas, brand: Brand) -> None:
    c.shadow(width=640)
    c.plate((200, 640, 800, 730), (188, 140, 92), 30)
    c.ball(500, 500, 560, 380, (250, 232, 220), 12)
    c.ball(510, 505, 500, 320, (196, 62, 66), 12)
    for points in (
        [(330, 480), (420, 460), (500, 490)],
        [(480, 560), (580, 540), (660, 560)],
        [(560, 430), (630, 450), (690, 430)],
        [(380, 570), (440, 590)],
    ):
        c.stroke([(x, y) for x, y in points], (252, 226, 214), 13)
    c.leaf(330, 660, 150, 54, LEAF, 10)


def chicken(c: Canvas, brand: Brand) -> None:
    c.shadow(width=640)
    c.ball(470, 530, 480, 360, (240, 204, 150), 14)
    c.stroke([(640, 420), (760, 330)], CREAM, 40)
    c.ball(650, 440, 220, 190, (232, 188, 130), 38)
    c.oval((742, 288, 802, 348), CREAM)
    c.oval((722, 300, 782, 360), CREAM)
    c.leaf(330, 700, 170, 60, LEAF, 12)
    c.leaf(620, 706, 150, 54, LEAF, -8)


def fish(c: Canvas, brand: Brand) -> None:
    body = hsv(c.hue, 0.28 if c.hue > 100 else 0.55, 0.82 if c.hue > 100 else 0.95)
    c.shadow(width=660, y=690)
    c.flat([(720, 500), (860, 390), (830, 500), (860, 610)], mix(body, (30, 40, 60), 0.3))
    c.flat([(430, 360), (560, 290), (600, 390)], mix(body, (30, 40, 60), 0.25))
    c.ball(470, 500, 600, 290, body)
    c.arc((250, 380, 360, 620), -70, 70, mix(body, (30, 40, 60), 0.4), 8)
    for x in (420, 500, 580, 650):
        for y in (450, 500, 550):
            c.arc((x - 40, y - 26, x + 6, y + 26), -60, 60, mix(body, WHITE, 0.5), 5)
    c.oval((238, 440, 288, 490), WHITE)
    c.oval((252, 452, 280, 480), DARK)


def shrimp(c: Canvas, brand: Brand) -> None:
    c.shadow(width=600)
    for x, y, size in ((650, 580, 300), (440, 470, 440)):
        radius = size * 0.34
        c.leaf(x + size * 0.16, y + size * 0.46, size * 0.34, size * 0.14, hsv(10, 0.62, 0.9), 150)
        c.leaf(x + size * 0.16, y + size * 0.52, size * 0.34, size * 0.14, hsv(10, 0.62, 0.86), 190)
        for number in range(13, -1, -1):
            angle = math.radians(160 - number * 17)
            width = size * (0.44 - number * 0.019)
            tone = mix(hsv(14, 0.55, 0.98), WHITE, 0.28 if number % 2 else 0.0)
            c.ball(x - math.cos(angle) * radius * -1, y - math.sin(angle) * radius + number * 2, width, width, tone)
        c.oval((x - size * 0.40, y - size * 0.16, x - size * 0.34, y - size * 0.10), DARK)
        for rise in (0.30, 0.44):
            c.stroke([(x - size * 0.46, y - size * 0.06), (x - size * 0.66, y - size * rise)], hsv(10, 0.6, 0.8), 5)


def eggs(c: Canvas, brand: Brand) -> None:
    shell = hsv(c.hue, 0.22, 0.95)
    c.shadow(width=700)
    for row, y in ((3, 440), (4, 540)):
        for number in range(row):
            c.ball(500 + (number - (row - 1) / 2) * 168, y, 160, 210, shell)
    c.plate((150, 610, 850, 735), (176, 150, 116), 30)
    c.label((330, 626, 670, 722), brand, (110, 84, 52), (244, 234, 214))


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


SHAPES: dict[str, Callable[[Canvas, Brand], None]] = {
    function.__name__: function
    for function in (
        apple, citrus, berry, grape, mango, kiwi, melon, leafy, tomato, carrot, potato, mushroom, corn, pumpkin,
        steak, chicken, fish, shrimp, eggs, carton, jar, sack, pouch, oilbottle, bottle, glassbottle, cookies, box,
        tin, tube, pump, dropper, cosmeticjar, sachet, spray, compact, lipstick, palette, pen, perfume, candle,
    )
}  # fmt: skip
