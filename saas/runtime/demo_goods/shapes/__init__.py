"""What goods look like: one function a shape, drawn on a Canvas."""

from collections.abc import Callable

from saas.runtime.demo_goods.canvas import Canvas
from saas.runtime.demo_goods.shapes.beauty import (
    candle,
    compact,
    cosmeticjar,
    dropper,
    lipstick,
    palette,
    pen,
    perfume,
    pump,
    sachet,
    spray,
    tube,
)
from saas.runtime.demo_goods.shapes.natural import (
    apple,
    berry,
    carrot,
    chicken,
    citrus,
    corn,
    eggs,
    fish,
    grape,
    kiwi,
    leafy,
    mango,
    melon,
    mushroom,
    potato,
    pumpkin,
    shrimp,
    steak,
    tomato,
)
from saas.runtime.demo_goods.shapes.packs import (
    bottle,
    box,
    carton,
    cookies,
    glassbottle,
    jar,
    oilbottle,
    pouch,
    sack,
    tin,
)
from saas.runtime.demo_goods.shapes.tones import Brand

SHAPES: dict[str, Callable[[Canvas, Brand], None]] = {
    function.__name__: function
    for function in (
        apple, citrus, berry, grape, mango, kiwi, melon, leafy, tomato, carrot, potato, mushroom, corn, pumpkin,
        steak, chicken, fish, shrimp, eggs, carton, jar, sack, pouch, oilbottle, bottle, glassbottle, cookies, box,
        tin, tube, pump, dropper, cosmeticjar, sachet, spray, compact, lipstick, palette, pen, perfume, candle,
    )
}  # fmt: skip
