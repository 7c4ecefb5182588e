"""A live mall cloned into a rehearsal: no name, number, address, payee or token of the original is anywhere in it."""

import subprocess

import pytest
from django.conf import settings
from django.db import connection, transaction

from provisioning.executor import schema as template
from provisioning.rehearsals.masking import EMPTIED, MASKS_OF
from saas.identity.models import User
from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as ledger
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from tenant_apps.care.models import Desk
from tenant_apps.counter.models import Told
from tenant_apps.members.models import Member
from tenant_apps.members.services import add_address
from tenant_apps.members.services.addresses import AddressInput
from tenant_apps.orders.models import Order, Parcel
from tenant_apps.payments.models import Payment
from tenant_apps.payouts import selectors as payouts
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.sellers.models import Seller
from tests.architecture.test_models import models_of
from tests.factories import orders, sellers
from tests.factories.people import make_member, make_staff
from tests.provisioning.archives.conftest import logs, restore_order, shop, take, web  # noqa: F401

PLANTED = (
    "欧阳娜娜",
    "+8613911112222",
    "长安街九十九号",
    "西门吹雪",
    "oPENID-abcdef-123456",
    "司马相如",
    "上官家常菜馆",
)
PLACES = ("zq7pickup9", "YT5544332211", "SF6600990099", "司徒先生已签收", "02087654321", "小巷深处十八号")


CARE = ("13700009999", "值班请找慕容先生", "诸葛记理发店")


def plant(shop):  # noqa: F811
    """Things that belong to people, wherever services put them; the share code and the notify token among them."""
    with in_mall(shop.mall), transaction.atomic():
        member = make_member(name=PLANTED[0])
        User.objects.filter(pk=member.user_id).update(phone=PLANTED[1], email="ouyang@example.com")
        given = AddressInput(
            name=PLANTED[0], phone=PLANTED[1], province_code="110000", city_code="110100", district_code="110101",
            detail=PLANTED[2],
        )  # fmt: skip
        add_address(member=member, given=given, now=clock.now())
        order = orders.paid(member, (shop.sku, 1))
        Order.objects.filter(pk=order.pk).update(
            recipient_name=PLANTED[0], recipient_phone=PLANTED[1], address_detail=PLANTED[2],
            remark=f"{PLANTED[3]}代收", tracking_number="SF7788990011", pickup_code=PLACES[0],
        )  # fmt: skip
        for position, number in enumerate(PLACES[1:3], start=1):
            Parcel.objects.create(
                ulid=new_ulid(), order=order, position=position, carrier="YTO", tracking_number=number, pieces={},
                shipped_at=clock.now(), shipped_by="user:clerk", tracking={"events": [{"text": PLACES[3]}]},
            )  # fmt: skip
        Payment.objects.update(payer_openid=PLANTED[4], client_ip="203.0.113.77", answer={"openid": PLANTED[4]})
        make_staff(name=PLANTED[5])
        sellers.opened(name=PLANTED[6], owner=member.ulid, licence_number="91330100MA2SECRET1")
        Seller.objects.filter(name=PLANTED[6]).update(place_phone=PLACES[4], place_text=PLACES[5])
        Desk.objects.create(
            answers=[f"请拨打 {CARE[0]}"], away=CARE[1], changed_by="user:clerk", changed_at=clock.now()
        )
        Told.objects.create(
            key="planted", kind="card_bought", member=member, facts={"shop": CARE[2]}, card_ulid="x", at=clock.now()
        )
        member.refresh_from_db()
    connection.set_schema_to_public()
    return (
        *PLANTED,
        *PLACES,
        *CARE,
        member.share_code,
        "ouyang@example.com",
        "203.0.113.77",
        "SF7788990011",
        "91330100MA2SECRET1",
    )


def dump(schema):
    command = [str(template.pg_dump()), "-n", schema, "-a", "--no-owner", "-d", template.owner_url()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_nobody_is_found_again_in_the_clone(shop):  # noqa: F811
    planted = plant(shop)
    original = dump(shop.mall.schema_name)
    assert [one for one in planted if one not in original] == []
    order = restore_order(shop.mall.ulid, restore={"arrive": "rehearsal", "mask": "people"})
    assert take(order) == "succeeded", logs(order)
    made = malls.mall_by_ulid(order["mall"])
    assert (made.state, made.live_at) == ("rehearsal", None)
    copy = dump(made.schema_name)
    with in_mall(shop.mall):
        people = {
            *Member.objects.values_list("share_code", flat=True),
            *User.objects.exclude(phone=None).values_list("phone", flat=True),
        }
        before = ledger.trial_balance()
    owner = {order["owner"]["phone"]}  # whoever the clone was made for
    assert [one for one in (*planted, *(people - owner), "李明", "6222 0200") if one in copy] == []
    with in_mall(made):
        desk = Desk.objects.get()
        assert (desk.answers, desk.away, Told.objects.count()) == ([], "(masked)", 0)
        masked = Member.objects.select_related("user").order_by("pk").last()
        bought = Order.objects.filter(member=masked).get()
        assert masked.user.phone.startswith("+999") and bought.recipient_phone == masked.user.phone
        assert masked.name == bought.recipient_name and masked.name.startswith("客户")
        parcels = list(Parcel.objects.filter(order=bought).order_by("position"))
        assert [one.carrier for one in parcels] == ["YTO", "YTO"] and [one.tracking for one in parcels] == [{}, {}]
        assert len({bought.pickup_code, *(one.tracking_number for one in parcels)}) == 3 and bought.pickup_code
        store = Seller.objects.exclude(place_phone="").get()
        assert store.place_phone.startswith("+999") and store.place_text.startswith("演示路")
        payee = payouts.payee(Withdrawal.objects.get())
        assert (payee.real_name, payee.account) == ("演示收款人", "0000000000")
        assert ledger.trial_balance() == before and ledger.check_ledger() == []
    with in_mall(shop.mall):
        assert Member.objects.filter(name=PLANTED[0]).count() == 1  # the original is as it was
    connection.set_schema_to_public()


_PERSONAL = ("phone", "email", "name", "openid", "address", "detail", "remark", "ip", "account", "licence")
_HARMLESS = {
    "orders.FreightTemplate.name",
    "contenttypes.ContentType.model", "auth.Permission.name", "auth.Permission.codename", "auth.Group.name",
    "catalog.Category.name", "catalog.Brand.name", "catalog.Zone.name", "catalog.Job.file_name", "ledger.Account.family",
    "modes.SavedPreset.name", "regional.Area.name", "design.Branding.name", "design.Branding.company_name",
    "design.Branding.licence_number", "orders.OrderLine.zone", "catalog.Product.freight_template",
    "payouts.Withdrawal.real_name_sealed", "payouts.Withdrawal.real_name_shown", "payouts.Withdrawal.account_sealed",
    "payouts.Withdrawal.account_shown", "regional.Contract.licence_checked_by",  # an actor
}  # fmt: skip


@pytest.mark.django_db
def test_every_column_that_sounds_personal_is_masked_or_said_to_be_harmless():
    found = []
    for model in models_of(list(settings.TENANT_APPS)):
        label = model._meta.label
        if label in EMPTIED:
            continue
        for field in model._meta.local_fields:
            sounds = any(part in _PERSONAL for part in field.column.split("_"))
            if field.is_relation or not sounds or field.get_internal_type() not in ("CharField", "TextField"):
                continue
            if field.column not in MASKS_OF.get(label, {}) and f"{label}.{field.column}" not in _HARMLESS:
                found.append(f"{label}.{field.column}")
    assert found == []
