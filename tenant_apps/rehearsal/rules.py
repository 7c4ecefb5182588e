"""Days of a rehearsal, and who its test people are. Pure."""

import datetime as dt
from dataclasses import dataclass

LONGEST_JUMP_DAYS = 400  # at once; a year and a bit
FURTHEST_DAYS = 1830  # ahead of the world in all
PHONES = "+8619900000"  # and three digits: nobody's numbers


@dataclass(frozen=True)
class Person:
    """A test member: who brought him (a place in CAST), whether he promotes, the rank he is given, where he lives."""

    name: str
    referrer: int | None = None
    promotes: bool = False
    rank: int = 0
    area: tuple[str, str, str] = ("440000", "440100", "440106")
    street: str = "体育西路1号"


_SHANGHAI, _HANGZHOU = ("310000", "310100", "310115"), ("330000", "330100", "330106")
CAST: tuple[Person, ...] = (
    Person("测试·甲", promotes=True, rank=3),
    Person("测试·乙", 0, promotes=True, rank=2, area=_SHANGHAI, street="张杨路2弄"),
    Person("测试·丙", 0, promotes=True, rank=1),
    Person("测试·丁", 1, promotes=True, area=_HANGZHOU, street="文三路4号"),
    Person("测试·戊", 1),
    Person("测试·己", 2, area=_SHANGHAI, street="张杨路6弄"),
    Person("测试·庚", 3, promotes=True),
    Person("测试·辛", 6, area=_HANGZHOU, street="文三路8号"),
    Person("测试·壬", 6),
    Person("测试·癸"),
    Person("测试·店主"),
    Person("测试·商家"),
)
STORE_OWNER, MERCHANT_OWNER = 10, 11
# Who buys (a place in CAST), how many pieces, and how far the order goes.
ORDERS: tuple[tuple[int, int, str], ...] = (
    (7, 1, "received"),
    (8, 2, "received"),
    (4, 1, "shipped"),
    (5, 1, "shipped"),
    (9, 1, "paid"),
    (3, 3, "paid"),
    (8, 1, "placed"),
)


def phone(place: int) -> str:
    """The number of a test member (a place in CAST), E.164."""
    return f"{PHONES}{place + 1:03d}"


def is_test_phone(number: str | None) -> bool:
    """Whether a number belongs to a test member."""
    return bool(number) and str(number).startswith(PHONES) and len(str(number)) == len(PHONES) + 3


def day_number(first: dt.date, today: dt.date) -> int:
    """Which day of the rehearsal it is; the day on which the mall was made is day 1."""
    return max((today - first).days, 0) + 1
