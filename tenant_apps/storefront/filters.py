"""What a shopper narrows a list by: brand, price, in stock. Nonsense in an address narrows nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from saas.kernel.money import parse_yuan


@dataclass(frozen=True)
class Filters:
    """The choice, and the words that the form shows again. Amounts in fen."""

    brand: str = ""
    lowest: str = ""
    highest: str = ""
    in_stock: bool = False
    lowest_amount: int | None = None
    highest_amount: int | None = None

    @property
    def any(self) -> bool:
        """Whether the list is narrowed at all."""
        return bool(self.brand or self.in_stock or self.lowest_amount or self.highest_amount is not None)


def chosen(parameters: Mapping[str, str]) -> Filters:
    """The filters of an address."""
    lowest, lowest_amount = _amount(parameters.get("min", ""))
    highest, highest_amount = _amount(parameters.get("max", ""))
    return Filters(
        brand=parameters.get("brand", "")[:60].replace("\x00", ""),
        lowest=lowest,
        highest=highest,
        in_stock=parameters.get("stock") == "1",
        lowest_amount=lowest_amount,
        highest_amount=highest_amount,
    )


def _amount(text: str) -> tuple[str, int | None]:
    text = text.strip()[:12]
    try:
        amount = parse_yuan(text)
    except ValueError:
        return "", None
    return (text, amount) if amount >= 0 else ("", None)
