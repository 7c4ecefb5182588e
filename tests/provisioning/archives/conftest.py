"""A trading mall with a book, people, pictures and things still to be done; and orders to make malls from its files."""

from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction

from provisioning.executor import engine, services
from provisioning.executor.models import ExecutedStep, Execution
from provisioning.rules import RunKind, steps_of
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.ledger import seals
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.storage import mall_storage
from saas.tenants.vault import services as vault
from tenant_apps.catalog.models import ProductImage
from tenant_apps.members.models import Member
from tenant_apps.payments.models import ChannelCredential
from tenant_apps.payouts.models import Withdrawal
from tests.factories import orders
from tests.factories.catalog import single
from tests.factories.people import make_member
from tests.provisioning.executor.conftest import _media, make_order, web  # noqa: F401

GROCERY = "01JGRCERYGRCERYGRCERYGRCER"


@dataclass
class Shop:
    """The grocery mall, trading."""

    mall: object
    member: Member
    sku: object

    def buy(self) -> str:
        """One more paid order."""
        with in_mall(self.mall), transaction.atomic():
            return orders.paid(self.member, (self.sku, 1)).ulid


@pytest.fixture
def shop(committed, web):  # noqa: F811
    """Real commits: two completed orders, one paid, one waiting; a payee, credentials, a picture; the book sealed."""
    connection.set_schema_to_public()
    mall = malls.mall_by_ulid(GROCERY)
    with in_mall(mall), transaction.atomic():
        sku, member = single("赣南脐橙 \\ 中文"), make_member(name="Li\nMing")
        for _ in range(2):
            orders.completed(member, (sku, 1))
        orders.paid(member, (sku, 2))
        orders.placed(member, (sku, 1))
        key = f"t/{mall.ulid}/p/{new_ulid()}"
        mall_storage().save(f"{key}/400.webp", ContentFile(b"picture" * 1000))
        ProductImage.objects.create(ulid=new_ulid(), product=sku.product, key=key, position=1, width=400, height=400)
        credential = ChannelCredential.objects.get()
        for field in ("private_key_sealed", "api_key_sealed"):
            sealed = vault.seal(f"CANARY-{field}", table="c", field=field, row=credential.ulid)
            ChannelCredential.objects.filter(pk=credential.pk).update(**{field: sealed})
        ulid = new_ulid()
        Withdrawal.objects.create(
            ulid=ulid, number=ulid, member=member, idempotency_key="w1", amount=1000, fee_amount=10, fee_ppm=10_000,
            real_name_shown="李*", bank_name="ICBC", account_shown="****1234", requested_at=now(),
            real_name_sealed=vault.seal("李明", table="payouts_withdrawal", field="real_name_sealed", row=ulid),
            account_sealed=vault.seal("6222 0200", table="payouts_withdrawal", field="account_sealed", row=ulid),
        )  # fmt: skip
        seals.seal_entries(now=now())
    connection.set_schema_to_public()
    return Shop(mall, member, sku)


def restore_order(source: str, **changes):
    """What control says in the order of a restore."""
    order = make_order(**{"name": "Green Basket, restored", **changes})
    part = {"source": source, "backup": "", "arrive": "held", "mask": "", **changes.get("restore", {})}
    steps = [step.value for step in steps_of(RunKind.RESTORE)]
    return {**order, "kind": "restore", "steps": steps, "restore": part}


def take(order) -> str:
    """Run an order to its end or failure; the state."""
    services.accept_order(order=order, now=now())
    for _ in range(3):  # a busy machine may let the storefront answer too late: the engine comes again
        engine.execute(order["run"])
        connection.set_schema_to_public()
        if not Execution.objects.filter(run=order["run"], state="active").update(due_at=now()):
            break
    return Execution.objects.get(run=order["run"]).state


def logs(order) -> dict[str, str]:
    """What each step said."""
    return dict(ExecutedStep.objects.filter(execution__run=order["run"]).values_list("name", "log"))


def media_of(mall: str) -> list[str]:
    folder = settings.MEDIA_ROOT / "t" / mall
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
