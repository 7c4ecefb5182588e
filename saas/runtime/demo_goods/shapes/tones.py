"""Colours that many shapes share."""

from saas.runtime.demo_goods.canvas import Color

Brand = tuple[str, str]

LEAF: Color = (86, 152, 66)

WOOD: Color = (120, 84, 52)

CREAM: Color = (250, 240, 222)

GOLD: Color = (206, 168, 104)

DARK: Color = (58, 56, 62)
