"""Who shops in the demo's malls: a referral tree of three levels, addresses, and what each of them bought."""

from dataclasses import dataclass

from tenant_apps.orders.rules import OrderState

_FIRST = {"grocery": "139000001", "beauty": "139000002"}  # and two digits
_AREAS = (
    (("330000", "330100", "330106"), "文三路{}号翠苑小区"),
    (("310000", "310100", "310115"), "张杨路{}弄阳光苑"),
    (("440000", "440100", "440106"), "体育西路{}号天河名苑"),
    (("440000", "440300", "440305"), "科苑南路{}号海岸城"),
    (("110000", "110100", "110105"), "望京西路{}号院"),
    (("510000", "510100", "510104"), "春熙路{}号锦江花园"),
    (("320000", "320100", "320102"), "中山东路{}号玄武里"),
)
# (name, referrer, promoter, what the demo prints about the login)
_TREES = {
    "grocery": (
        ("林晓岚", "", True, "member, promoter (top of the tree)"),
        ("周建国", "", True, ""),
        ("陈思远", "林晓岚", True, "member, promoter (second level)"),
        ("王雅琴", "林晓岚", True, ""),
        ("赵明辉", "林晓岚", False, ""),
        ("孙丽华", "周建国", True, ""),
        ("吴志强", "周建国", True, ""),
        ("郑佳怡", "陈思远", True, ""),
        ("冯浩然", "陈思远", False, "member (third level, buys)"),
        ("褚文静", "陈思远", False, ""),
        ("卫国庆", "王雅琴", True, ""),
        ("蒋梦瑶", "王雅琴", False, ""),
        ("沈子涵", "王雅琴", False, ""),
        ("韩立新", "孙丽华", True, ""),
        ("杨美玲", "孙丽华", False, ""),
        ("朱俊杰", "吴志强", False, ""),
        ("秦淑芬", "吴志强", True, ""),
        ("尤佳宁", "郑佳怡", False, ""),
        ("许文博", "郑佳怡", False, ""),
        ("何秀英", "卫国庆", False, ""),
        ("吕晨曦", "韩立新", False, ""),
        ("施雨桐", "秦淑芬", False, ""),
        ("张桂兰", "", False, ""),
        ("孔令杰", "", False, ""),
    ),
    "beauty": (
        ("苏婉清", "", True, "member, promoter (top of the tree)"),
        ("顾念慈", "", True, ""),
        ("叶知秋", "苏婉清", True, "member, promoter (second level)"),
        ("沈若溪", "苏婉清", True, ""),
        ("陆子衿", "苏婉清", False, ""),
        ("温如言", "顾念慈", True, ""),
        ("江晚吟", "顾念慈", True, ""),
        ("谢听雨", "叶知秋", True, ""),
        ("方晓晓", "叶知秋", False, "member (third level, buys)"),
        ("唐糖", "叶知秋", False, ""),
        ("白鹭", "沈若溪", True, ""),
        ("夏初", "沈若溪", False, ""),
        ("梁小满", "沈若溪", False, ""),
        ("宋佳", "温如言", True, ""),
        ("潘月", "温如言", False, ""),
        ("许诺", "江晚吟", False, ""),
        ("贺兰", "江晚吟", True, ""),
        ("程曦", "谢听雨", False, ""),
        ("丁香", "谢听雨", False, ""),
        ("袁媛", "白鹭", False, ""),
        ("董洁", "宋佳", False, ""),
        ("薛宁", "贺兰", False, ""),
        ("钟灵", "", False, ""),
        ("余音", "", False, ""),
    ),
}
_REASONS = {"grocery": "收到时有两个磕碰坏果", "beauty": "色号与预期不符"}


@dataclass(frozen=True)
class Person:
    """One member. `shown`: what the demo prints beside the login; empty: no password."""

    name: str
    phone: str
    referrer: str
    promoter: bool
    shown: str
    area: tuple[str, str, str]
    street: str


@dataclass(frozen=True)
class Story:
    """One order: who bought what, how long ago, and where it ends. `refund` is `part`, `part asked` or `unsent`."""

    buyer: str
    picks: tuple[tuple[int, int], ...]  # (position among the mall's SKUs, pieces)
    state: OrderState
    days_ago: int
    refund: str = ""
    reason: str = ""


def cast(kind: str) -> list[Person]:
    """Everybody, referrers before those they referred."""
    people = []
    for number, (name, referrer, promoter, shown) in enumerate(_TREES[kind]):
        area, street = _AREAS[number % len(_AREAS)]
        phone = f"{_FIRST[kind]}{number + 1:02d}"
        people.append(Person(name, phone, referrer, promoter, shown, area, street.format(18 + number * 7)))
    return people


def stories(kind: str) -> list[Story]:
    """Forty orders in every state; the third-level buyer of the demo has one of each."""
    ends = (
        [(OrderState.COMPLETED, 14 + number * 2, "") for number in range(14)]
        + [(OrderState.RECEIVED, 4 + number % 5, "") for number in range(5)]
        + [(OrderState.SHIPPED, 2 + number % 6, "") for number in range(7)]
        + [(OrderState.PAID, number % 2, "") for number in range(5)]
        + [(OrderState.PENDING_PAYMENT, 0, "")] * 2
        + [(OrderState.CANCELLED, 0, "")] * 2
        + [(OrderState.PAID, 4, "unsent")] * 2
        + [(OrderState.SHIPPED, 5, "part"), (OrderState.SHIPPED, 4, "part asked"), (OrderState.PAID, 4, "unsent asked")]
    )
    names = [person.name for person in cast(kind)]
    found = []
    for number, (state, days_ago, refund) in enumerate(ends):
        buyer = names[8] if number % 4 == 0 else names[2 + (number * 5) % (len(names) - 2)]
        picks = tuple(((number * 17 + step * 29) % 97, 1 + (number + step) % 3) for step in range(1 + number % 3))
        found.append(Story(buyer, picks, state, days_ago, refund, _REASONS[kind] if refund else ""))
    return found
