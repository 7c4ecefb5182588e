"""Fruit, vegetables, meat and fish."""

import math

from saas.runtime.demo_goods.canvas import WHITE, Canvas, Color, hsv, mix
from saas.runtime.demo_goods.shapes.tones import CREAM, DARK, LEAF, WOOD, Brand


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
