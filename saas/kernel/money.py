"""Integer money: rates, allocation, display. MODES.md section 0. No float and no Decimal below the edge."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

PPM = 1_000_000


def pct(amount: int, rate_ppm: int) -> int:
    """Floor of `rate_ppm` of `amount` (fen, or any integer unit): MODES 0. Negative input is a caller's mistake."""
    if amount < 0 or rate_ppm < 0:
        raise ValueError("pct takes no negative amount or rate")
    return amount * rate_ppm // PPM


def pct_ceil(amount: int, rate_ppm: int) -> int:
    """As `pct`, rounded up: where the rounding belongs to the payee of the platform (fees, pool inflow)."""
    if amount < 0 or rate_ppm < 0:
        raise ValueError("pct_ceil takes no negative amount or rate")
    return -(-amount * rate_ppm // PPM)


def ceil_div(dividend: int, divisor: int) -> int:
    """Integer division rounded up."""
    return -(-dividend // divisor)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` (>= 0) over `weights` by largest remainder; ties go to the lower position. MODES 0.

    The parts add up to `total` exactly. All weights zero with a positive total is a caller's mistake.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("allocate takes no negative total or weight")
    weight_sum = sum(weights)
    if weight_sum == 0:
        if total:
            raise ValueError("nothing to allocate to: every weight is zero")
        return [0] * len(weights)
    parts = [total * weight // weight_sum for weight in weights]
    left = total - sum(parts)
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % weight_sum), i))
    for i in order[:left]:
        parts[i] += 1
    assert sum(parts) == total
    return parts


def format_yuan(fen: int) -> str:
    """`-123456` fen as `-1234.56`: plain digits for files, forms and wires."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan}.{rest:02d}"


def display_yuan(fen: int) -> str:
    """`-123456` fen as `−¥1,234.56`: how pages show money to people."""
    sign = "−" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}¥{whole:,}.{rest:02d}"


def parse_yuan(text: str) -> int:
    """Yuan as a person types them (`12`, `12.5`, `12.50`) to fen.

    Raises ValueError for anything else: more than two decimals, signs other than one leading minus, exponents.
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"not an amount: {text!r}") from None
    if not value.is_finite() or "e" in text.lower():
        raise ValueError(f"not an amount: {text!r}")
    fen = value * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"more than two decimals: {text!r}")
    return int(fen)


def format_percent(rate_ppm: int) -> str:
    """`52500` ppm as `5.25%`."""
    whole, rest = divmod(rate_ppm, 10_000)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole}.{decimals}%" if decimals else f"{whole}%"


def format_multiple(rate_ppm: int) -> str:
    """`214321` ppm as `0.214×`: how many times something was paid; three decimals, never rounded up."""
    whole, rest = divmod(rate_ppm, PPM)
    decimals = f"{rest // 1_000:03d}".rstrip("0")
    return f"{whole}.{decimals}×" if decimals else f"{whole}×"
