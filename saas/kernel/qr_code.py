"""QR codes as pages show them: byte mode, correction level M, one fixed mask (every mask reads). Pure.

A page that shows one is a purchase's dearest; what does not depend on the text is worked out once a size. Pictures
(posters) are made with segno, against which this one is tested.
"""

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

QUIET = 2  # light modules around
_MASK = 3
_ECC = (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28) + (28,) * 18
_BLOCKS = (
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
    17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
)  # fmt: skip
_DARK = re.compile("1+")


@dataclass(frozen=True)
class _Shape:
    """What a version's symbol is, whatever it says."""

    size: int
    capacity: int  # data codewords
    blocks: int
    ecc: int  # correction codewords of a block
    modules: int  # that carry codewords and remainder bits
    mask: int  # of those modules, in the order in which they are filled
    pick: Callable[[str], tuple[str, ...]]  # from those modules' bits, "0" and "1": every module, row by row
    products: tuple[int, ...]  # of the correction polynomial with each byte


def svg(text: str, *, css: str) -> str:
    """An inline SVG of `text`. Raises ValueError above 2331 bytes."""
    rows = matrix(text)
    size = len(rows) + 2 * QUIET
    path = "".join(
        [
            f"M{run.start()} {place}h{run.end() - run.start()}"
            for place, row in enumerate(rows)
            for run in _DARK.finditer(row)
        ]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{QUIET} -{QUIET}.5 {size} {size}" class="{css}"'
        f' shape-rendering="crispEdges"><path stroke="#000" d="{path}"/></svg>'
    )


def matrix(text: str) -> list[str]:
    """The symbol's rows, a dark module as 1. Raises ValueError above 2331 bytes."""
    content = text.encode()
    version = next((one for one in range(1, 41) if len(content) <= _room(one)), 0)
    if not version:
        raise ValueError("too long for a QR code")
    shape = _shape(version)
    codewords = _interleaved(_data(content, version, shape), shape)
    bits = int.from_bytes(codewords) << (shape.modules - 8 * len(codewords))
    symbol = "".join(shape.pick(f"{bits ^ shape.mask:0{shape.modules}b}01"))
    return [symbol[start : start + shape.size] for start in range(0, len(symbol), shape.size)]


def _room(version: int) -> int:
    """Bytes of text that a version takes."""
    data = _modules(version) // 8 - _ECC[version - 1] * _BLOCKS[version - 1]
    return data - (2 if version < 10 else 3)


def _modules(version: int) -> int:
    count = (16 * version + 128) * version + 64
    if version >= 2:
        aligned = version // 7 + 2
        count -= (25 * aligned - 10) * aligned - 55
    return count - (36 if version >= 7 else 0)


def _data(content: bytes, version: int, shape: _Shape) -> bytes:
    """Mode, length, text, terminator, padding."""
    width = 8 if version < 10 else 16
    bits = ((0b0100 << width | len(content)) << 8 * len(content) | int.from_bytes(content)) << 4
    used = (4 + width + 8 * len(content) + 4) // 8
    return bits.to_bytes(used) + (b"\xec\x11" * shape.capacity)[: shape.capacity - used]


def _interleaved(data: bytes, shape: _Shape) -> bytes:
    short, longer = divmod(shape.capacity, shape.blocks)
    parts, start = [], 0
    for number in range(shape.blocks):
        end = start + short + (number >= shape.blocks - longer)
        parts.append(data[start:end])
        start = end
    mixed = bytearray(byte for column in zip(*(part[:short] for part in parts), strict=True) for byte in column)
    mixed += bytes(part[short] for part in parts[shape.blocks - longer :]) if longer else b""
    corrections = [_correction(part, shape) for part in parts]
    mixed += bytes(byte for column in zip(*corrections, strict=True) for byte in column)
    return bytes(mixed)


def _correction(part: bytes, shape: _Shape) -> bytes:
    """The remainder of a block divided by the correction polynomial."""
    rest, high, products = 0, 8 * (shape.ecc - 1), shape.products
    keep = (1 << high) - 1
    for byte in part:
        rest = ((rest & keep) << 8) ^ products[(rest >> high) ^ byte]
    return rest.to_bytes(shape.ecc)


@functools.cache
def _shape(version: int) -> _Shape:
    size, modules, blocks, ecc = 17 + 4 * version, _modules(version), _BLOCKS[version - 1], _ECC[version - 1]
    fixed = _fixed(version, size)
    order = _order(size, fixed)
    index = {place: number for number, place in enumerate(order)}
    places = [index[place] if place in index else modules + fixed[place] for place in _everywhere(size)]
    masked = "".join("1" if (x + y) % 3 == 0 else "0" for x, y in order)
    return _Shape(
        size=size,
        capacity=modules // 8 - ecc * blocks,
        blocks=blocks,
        ecc=ecc,
        modules=modules,
        mask=int(masked, 2),
        pick=itemgetter(*places),
        products=_products(ecc),
    )


def _everywhere(size: int) -> list[tuple[int, int]]:
    return [(x, y) for y in range(size) for x in range(size)]


def _order(size: int, fixed: dict[tuple[int, int], bool]) -> list[tuple[int, int]]:
    """Modules that carry bits, as they are filled: pairs of columns from the right, up and down in turn."""
    found = []
    for right in [*range(size - 1, 6, -2), *range(5, 0, -2)]:
        rows = range(size - 1, -1, -1) if (right + 1) & 2 == 0 else range(size)
        found += [(x, y) for y in rows for x in (right, right - 1) if (x, y) not in fixed]
    return found


def _fixed(version: int, size: int) -> dict[tuple[int, int], bool]:
    """Modules that say nothing about the text, (x, y) → dark."""
    found = {(6, at): at % 2 == 0 for at in range(size)} | {(at, 6): at % 2 == 0 for at in range(size)}
    for left, top in ((3, 3), (size - 4, 3), (3, size - 4)):
        found |= {
            (x, y): max(abs(x - left), abs(y - top)) not in (2, 4)
            for x in range(max(0, left - 4), min(size, left + 5))
            for y in range(max(0, top - 4), min(size, top + 5))
        }
    centers = _centers(version, size)
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for middle in [(x, y) for x in centers for y in centers if (x, y) not in corners]:
        found |= {
            (middle[0] + right, middle[1] + down): max(abs(right), abs(down)) != 1
            for right in range(-2, 3)
            for down in range(-2, 3)
        }
    return found | _format(size) | (_version(version, size) if version >= 7 else {})


def _centers(version: int, size: int) -> Sequence[int]:
    if version == 1:
        return ()
    count = version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    return [6, *(size - 7 - number * step for number in range(count - 1))]


def _format(size: int) -> dict[tuple[int, int], bool]:
    """Correction level (M is 0) and mask, twice, and the module that is always dark."""
    rest = _MASK
    for _step in range(10):
        rest = (rest << 1) ^ ((rest >> 9) * 0x537)
    bits = (_MASK << 10 | rest) ^ 0x5412
    first = [*((8, at) for at in range(6)), (8, 7), (8, 8), (7, 8), *((14 - at, 8) for at in range(9, 15))]
    second = [*((size - 1 - at, 8) for at in range(8)), *((8, size - 15 + at) for at in range(8, 15))]
    found = {place: bool(bits >> at & 1) for places in (first, second) for at, place in enumerate(places)}
    return found | {(8, size - 8): True}


def _version(version: int, size: int) -> dict[tuple[int, int], bool]:
    rest = version
    for _step in range(12):
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25)
    bits = version << 12 | rest
    places = [(size - 11 + at % 3, at // 3) for at in range(18)]
    return {
        place: bool(bits >> at & 1) for at, (far, near) in enumerate(places) for place in ((far, near), (near, far))
    }


def _products(degree: int) -> tuple[int, ...]:
    """The correction polynomial of a degree (without its leading 1) times each byte, each as one number."""
    polynomial, root = [0] * (degree - 1) + [1], 1
    for _step in range(degree):
        for at in range(degree):
            following = polynomial[at + 1] if at + 1 < degree else 0
            polynomial[at] = _times(polynomial[at], root) ^ following
        root = _times(root, 2)
    return tuple(int.from_bytes(bytes(_times(one, byte) for one in polynomial)) for byte in range(256))


def _times(first: int, second: int) -> int:
    """Multiplication of the field of 256 elements (0x11D)."""
    product = 0
    for at in range(7, -1, -1):
        product = (product << 1) ^ ((product >> 7) * 0x11D)
        product ^= (second >> at & 1) * first
    return product
