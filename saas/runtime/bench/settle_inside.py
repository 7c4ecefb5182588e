"""What the settle bench prepares inside the cell: a mall with paid orders of ten awards, and counted statements."""

import datetime as dt
import secrets
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from saas.identity.models import User
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.ledger import services as ledger
from saas.runtime.bench import inside
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.members import services as members
from tenant_apps.modes.contract import AreaFacts, BuyerFacts, Grade, HolderFacts, SaleFacts, UplineFacts
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import SETTINGS
from tenant_apps.modes.snapshots import sale_to_json
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.settlement import facts, services
from tenant_apps.settlement.models import Award

CLIENTS = 8
AWARDS = 10
PEOPLE = 1000
# Together they make ten awards of one line: three levels, two stores, three ranks, a district and a city.
_RULES: dict[str, dict[str, Any]] = {
    "distribution": {"rate_ppm": [20_000, 10_000, 5_000]},
    "differential": {},
    "regional": {},
    "store_income": {},
}
_FRAME = ("SET ", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def make_orders(*, schema: str, count: int) -> int:
    """`count` paid orders whose settlement makes ten awards each; how many awards one of them makes."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with in_mall(Mall.objects.get(schema_name=schema)):
        pins = _pins()
        with transaction.atomic():
            user = User.objects.create_user(phone=f"+86137{secrets.randbelow(10**8):08d}", phone_verified=True)
            buyer = members.ensure_member(user=user, referral_code="", now=now())
        for start in range(0, count, 200):
            with transaction.atomic():
                _make(range(start, min(count, start + 200)), buyer.pk, pins)
        first = Order.objects.order_by("pk")[0]
        with transaction.atomic():
            services.award_order(order=facts.paid_order(first.ulid), now=now())
            return Award.objects.count()


def count_statements(*, schema: str) -> list[int]:
    """Statements of settling one more order, accounts open: from its facts to frozen awards, and its release."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with in_mall(Mall.objects.get(schema_name=schema)):
        before, ulid = Order.objects.order_by("-pk").values_list("ulid", flat=True)[:2]
        services.release_order(order=facts.paid_order(before), now=now())
        found = []
        for step in (services.award_order, services.release_order):
            with CaptureQueriesContext(connection) as seen:
                step(order=facts.paid_order(ulid), now=now())
            found.append(sum(not query["sql"].upper().lstrip().startswith(_FRAME) for query in seen.captured_queries))
        return found


def make_mall() -> str:
    """A fresh schema with a book whose accounts for the floor are open."""
    return inside.make_ledger()


def _pins() -> dict[str, str]:
    found = {}
    with transaction.atomic():
        for mode in _RULES.keys() & SETTINGS.keys():
            values = SETTINGS[mode].model_validate(_RULES[mode]).model_dump(mode="json")
            found[mode] = new_ulid()
            SettingsVersion.objects.create(
                ulid=found[mode], mode=mode, number=1, values=values, effective_from=now(), author="system",
                reason="bench", created_at=now(),
            )  # fmt: skip
    return found


def _person(kind: str, number: int) -> str:
    return f"{kind}{number % PEOPLE:025d}"


def _sale(number: int) -> SaleFacts:
    chain = [UplineFacts(_person("M", 3 * number + step), True, True, step + 1) for step in range(3)]
    areas = [
        AreaFacts(grade=grade, code=grade.value, holders=(HolderFacts(_person("A", number), 1),))
        for grade in (Grade.DISTRICT, Grade.CITY)
    ]
    return SaleFacts(
        buyer=BuyerFacts(member="", store=_person("S", number), chain=tuple(chain)),
        areas=tuple(areas),
        pickup_store=_person("S", number + 1),
    )


def _make(numbers: range, buyer: int, pins: dict[str, str]) -> None:
    at = now()
    orders = Order.objects.bulk_create(_order(number, buyer, pins, at) for number in numbers)
    OrderLine.objects.bulk_create(_line(order) for order in orders)
    for order in orders:
        ledger.post_entry(
            key=f"order.paid:{order.ulid}", kind="order.paid",
            moves=[ledger.Move("channel.bench", f"order.escrow.{order.ulid}", order.total_amount)],
            document=f"order:{order.ulid}", occurred_at=at,
        )  # fmt: skip


def _order(number: int, buyer: int, pins: dict[str, str], at: dt.datetime) -> Order:
    return Order(
        ulid=new_ulid(), number=f"B{number:012d}", member_id=buyer, state="paid", idempotency_key=f"bench-{number}",
        goods_amount=100_000, freight_amount=0, total_amount=100_000, recipient_name="-", recipient_phone="-",
        province_code="440000", city_code="440100", district_code="440106", province="-", city="-", district="-",
        address_detail="-", settings_versions=pins, sale_facts=sale_to_json(_sale(number)), aftersales_days=7,
        pickup_store=_person("S", number + 1), auto_receive_days=10, placed_at=at, payment_due_at=at, paid_at=at,
    )  # fmt: skip


def _line(order: Order) -> OrderLine:
    return OrderLine(
        ulid=new_ulid(), order=order, position=0, product_ulid="P", sku_ulid="K", zone="self_operated", title="Tea",
        qty=1, unit_list_amount=100_000, unit_amount=100_000, gross_amount=100_000, level_amount=100_000,
        cash_amount=100_000, supply_cost_amount=20_000,
    )  # fmt: skip
