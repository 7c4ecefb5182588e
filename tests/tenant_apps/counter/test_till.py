"""Money at the counter: by the shop's code and by the member's, seen to arrive, summed up, given back."""

import datetime as dt
import threading

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import translation
from django_tenants.utils import schema_context

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import NotFound
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.counter.models import Card, TillCharge
from tenant_apps.counter.rules.cards import CardKind
from tenant_apps.counter.rules.till import code_in
from tenant_apps.counter.selectors import tills as selectors
from tenant_apps.counter.selectors.tills import Progress
from tenant_apps.counter.services import tills as services
from tenant_apps.modes.coins import selectors as coin_view
from tenant_apps.modes.coins import services as coin_lots
from tenant_apps.modes.coins.rules import COIN
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import WantedLine
from tenant_apps.payments.models import Payment
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.rules import payable_of
from tests.factories import cards, sales
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in as staff_in
from tests.tenant_apps.payments.conftest import sandbox, sandbox_server, till  # noqa: F401
from tests.tenant_apps.storefront.test_buying_pages import signed_in

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def keeper(grocery):
    return make_member(name="王店主")


@pytest.fixture
def store(keeper):
    return shops.store(now=EARLIER, owner=keeper.ulid, settlement="concession", rate_ppm=200_000)


def sold(store, member, amount, *, now=NOW, key="a-key-of-eight", **more):
    return services.pay_at_till(
        member=member,
        seller_ulid=store.ulid,
        amount=amount,
        expected_total=amount,
        idempotency_key=key,
        now=now,
        **more,
    )


def settled(order, drain, *, now=NOW):
    payment = make.fund(order, now=now)
    assert orders.mark_paid(order_ulid=order.ulid, payment=payment, amount=order.total_amount, now=now)
    drain()
    order.refresh_from_db()
    return order


def clean():
    """Posted sums without the accounts that are at zero."""
    return {family: amount for family, amount in sales.posted().items() if amount}


def test_a_sale_is_an_order_with_take_awards_and_refund_to_the_fen(store, keeper, drain):
    sales.publish("distribution", now=EARLIER, enabled=True, rate_ppm=[50_000])
    referrer = make_member(promoter=True)
    member = make_member(name="李小满", referrer=referrer)
    order = sold(store, member, 8_888)
    line = OrderLine.objects.get(order=order)
    assert (order.delivery_kind, order.district_code, order.recipient_name, line.zone) == ("till", "440106", "", "o2o")
    assert (line.cash_amount, line.seller["rate_ppm"], order.freight_amount) == (8_888, 200_000, 0)
    assert sold(store, member, 8_888).pk == order.pk  # the same press again
    settled(order, drain)
    assert order.state == "received"
    assert selectors.day_sums(store.ulid, clock.china_date(order.paid_at)).cash_amount == 8_888
    with pytest.raises(orders.RefundAbovePaid):
        services.refund_sale(
            seller_ulid=store.ulid, order_ulid=order.ulid, amount=8_889, reason="x", actor="member:x", now=NOW
        )
    refund = services.refund_sale(
        seller_ulid=store.ulid, order_ulid=order.ulid, amount=888, reason="returned", actor="member:x", now=NOW
    )
    assert refund.amount == 888
    drain()
    ledger.post_entry(
        key=f"refunded:{refund.ulid}",
        kind="refunded",
        moves=[Move("clearing.refund", "channel.wechat", 888)],
        document=f"refund:{refund.ulid}",
        occurred_at=NOW,
    )
    orders.mark_refunded(refund_ulid=refund.ulid, now=NOW)
    drain()
    order.refresh_from_db()
    later = order.received_at + dt.timedelta(days=order.aftersales_days, minutes=1)
    assert orders.complete_if_due(order_ulid=order.ulid, now=later)
    drain()
    order.refresh_from_db()
    assert order.state == "completed"
    assert book.available(payable_of(store.ulid)) == 6_400  # 80.00 less 20 %
    assert book.available(f"member.wallet.{referrer.ulid}") == 399  # 4.44 of 88.88, less 0.45: taken back is rounded up
    assert sum(clean().values()) == 0
    with pytest.raises(orders.AftersalesClosed):
        services.refund_sale(
            seller_ulid=store.ulid, order_ulid=order.ulid, amount=None, reason="x", actor="member:x", now=later
        )


def test_what_no_till_takes(store, keeper):
    member = make_member()
    supplier = shops.store(now=EARLIER, owner=keeper.ulid, settlement="supplier", rate_ppm=0, name="供货店")
    for amount in (0, -5, 20_000_001):
        with pytest.raises(orders.TillAmountInvalid):
            sold(store, member, amount, key=f"key-{amount:09}")
    with pytest.raises(services.NoTill):
        sold(supplier, member, 100)
    with pytest.raises(orders.TotalChanged):
        services.pay_at_till(
            member=member, seller_ulid=store.ulid, amount=100, expected_total=99, idempotency_key="12345678", now=NOW
        )
    sku = shops.goods(store, now=EARLIER)
    with pytest.raises(orders.TillAmountInvalid):
        orders.quote_checkout(lines=[orders.till_line(store.ulid, 100), WantedLine(sku.ulid, 1)], now=NOW)
    with pytest.raises(orders.SkuNotSellable):  # without an amount there is nothing of that name
        orders.quote_checkout(lines=[WantedLine(f"{store.ulid}@o2o", 1)], now=NOW)
    assert Order.objects.count() == 0


def test_the_shops_code_on_the_shoppers_phone(store, keeper, drain):
    with translation.override("en"):
        member = make_member(name="李小满")
        browser = signed_in(member)
        address = f"/t/{store.code}"
        assert "Enter what the counter told you." in browser.get(address, **EN).content.decode()
        assert browser.post(address, {"amount": "free"}, **EN).status_code == 422
        page = browser.post(address, {"amount": "25.5", "recount": "1"}, **EN)
        total, key = page.context["quote"].total_amount, page.context["key"]
        assert total == 2_550
        answer = browser.post(address, {"amount": "25.5", "total": "2550", "key": key}, **EN)
        order = Order.objects.get()
        assert answer["Location"] == f"/pay/{order.ulid}"
        settled(order, drain, now=clock.now())
        assert "Paid at the till" in browser.get(f"/orders/{order.ulid}", **EN).content.decode()
        assert browser.get("/t/nothing").status_code == 404
        shop = signed_in(keeper)
        page = shop.get(f"/seller/{store.ulid}/till", **EN).content.decode()
        assert "¥25.50" in page and 'data-figure="sales">1<' in page
        receipt = shop.get(f"/seller/{store.ulid}/till/sales/{order.ulid}", **EN).content.decode()
        assert order.number in receipt and "size:80mm" in receipt and "Give money back" in receipt
        back = shop.post(
            f"/seller/{store.ulid}/till/sales/{order.ulid}",
            {"step": "refund", "amount": "5.50", "reason": "坏了"},
            **EN,
        )
        drain()
        page = shop.get(back["Location"], **EN).content.decode()
        assert "¥5.50 goes back the way it came." in page and "−¥5.50" in page
        day = selectors.day_sums(store.ulid, clock.china_date(clock.now()))
        assert (day.sales, day.cash_amount, day.refunds, day.refunded_amount, day.net_amount) == (
            1,
            2_550,
            1,
            550,
            2_000,
        )
        assert shop.get(f"/seller/{store.ulid}/till/poster").status_code == 200
        staff = staff_in(make_staff(Role.FINANCE)).get("/backoffice/tills/", **EN).content.decode()
        assert "天河服务点" in staff and "¥25.50" in staff and "¥5.50" in staff
        assert signed_in(make_member()).get(f"/seller/{store.ulid}/till").status_code == 404


def test_the_members_code_at_the_counter(store, keeper, drain):
    with translation.override("en"):
        member = make_member(name="李小满")
        phone, shop = signed_in(member), signed_in(keeper)
        code = phone.get("/me/code").context["code"]
        assert phone.get("/me/code/asked").status_code == 204
        address = f"/seller/{store.ulid}/till"
        assert shop.get(f"/me/code/{code}")["Location"] == f"{address}?code={code}"
        assert phone.get(f"/me/code/{code}").status_code == 404
        refused = shop.post(address, {"amount": "12", "code": "0" * 12}, **EN)
        assert refused.status_code == 422 and "Nobody shows this code" in refused.content.decode()
        assert shop.post(address, {"amount": "0", "code": code}, **EN).status_code == 422  # and the code is still good
        opened = shop.post(address, {"amount": "12", "code": f"https://x/me/code/{code}", "note": "两碗面"})
        row = TillCharge.objects.get()
        assert (row.amount, row.member_id, row.asked_by) == (1_200, member.pk, f"member:{keeper.ulid}")
        assert AuditRecord.objects.filter(action="till.charged").count() == 1
        again = shop.post(address, {"amount": "12", "code": code}, **EN)
        assert again.status_code == 409 and "scanned already" in again.content.decode()
        assert "phone shows the amount" in shop.get(opened["Location"], **EN).content.decode()
        asked = phone.get("/me/code/asked")["HX-Redirect"]
        page = phone.get(asked, **EN)
        assert "两碗面" in page.content.decode() and "天河服务点 asks you to pay" in page.content.decode()
        assert signed_in(make_member()).get(asked).status_code == 404
        answer = phone.post(asked, {"total": "1200", "key": page.context["key"], "amount": "0.01"})
        order = Order.objects.get()
        assert (answer["Location"], order.total_amount, order.remark) == (f"/pay/{order.ulid}", 1_200, "两碗面")
        assert "about to pay" in shop.get(opened["Location"], **EN).content.decode()
        settled(order, drain, now=clock.now())
        live = shop.get(opened["Location"], HTTP_HX_REQUEST="true", **EN).content.decode()
        assert 'data-say="¥12.00 received"' in live and "hx-trigger" not in live
        assert shop.post(f"{opened['Location']}/withdraw", follow=True, **EN).status_code == 200
        assert Order.objects.get().state == "received"  # paid is paid


def test_withdrawn_declined_and_late(store, keeper):
    member = make_member()

    def asked():
        code = services.show_code(member=member)
        return services.charge_member(seller_ulid=store.ulid, amount=500, code=code, actor="member:x", now=NOW)

    first = asked()
    order = sold(store, member, 500, charge_ulid=first.ulid)
    services.withdraw_charge(seller_ulid=store.ulid, ulid=first.ulid, actor="member:x", now=NOW)
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert selectors.charge(store.ulid, first.ulid, now=NOW).progress is Progress.OVER
    second = asked()
    services.decline_charge(ulid=second.ulid, member=member, now=NOW)
    assert selectors.asked_of(member, now=NOW) is None
    third, late = asked(), NOW + dt.timedelta(minutes=10)
    assert selectors.asked_of(member, now=NOW).pk == third.pk and selectors.asked_of(member, now=late) is None
    for ulid, at in ((second.ulid, NOW), (third.ulid, late)):
        with pytest.raises(services.ChargeOver):
            sold(store, member, 500, charge_ulid=ulid, now=at, key=f"key-{ulid}")
    assert Order.objects.count() == 1
    code = services.show_code(member=member)
    cache.clear()  # lost with the cache, or run out
    with pytest.raises(services.CodeUnknown):
        services.charge_member(seller_ulid=store.ulid, amount=500, code=code, actor="member:x", now=NOW)
    assert code_in(f"{code[:4]} {code[4:8]} {code[8:]}") == code and code_in("12345") == ""


def test_a_payment_whose_notice_never_comes(till, sandbox, drain):  # noqa: F811
    keeper, member = make_member(), make_member()
    store = shops.store(now=EARLIER, owner=keeper.ulid)
    order = sold(store, member, 4_200, now=clock.now())
    with translation.override("en"):
        shop, phone = signed_in(keeper), signed_in(member)
        here = f"/seller/{store.ulid}/till/sales/{order.ulid}"
        assert "No payment was begun" in shop.post(here, {"step": "ask"}, follow=True, **EN).content.decode()
        phone.post(f"/pay/{order.ulid}/start", {"method": "native"})
        payment = Payment.objects.select_related("credential").get(document=order.payment_document)
        assert "not paid yet" in shop.post(here, {"step": "ask"}, follow=True, **EN).content.decode()
        sandbox.fault(payment.credential.merchant_id, "no_notice")
        sandbox.pay(payment)
        Order.objects.filter(pk=order.pk).update(placed_at=clock.now() - dt.timedelta(minutes=3))
        page = shop.get(f"/seller/{store.ulid}/till", **EN).content.decode()
        assert "Begun, not confirmed" in page and order.number in page
        assert "The sale is booked." in shop.post(here, {"step": "ask"}, follow=True, **EN).content.decode()
        drain()
        order.refresh_from_db()
        assert order.state == "received"
        assert "Begun, not confirmed" not in shop.get(f"/seller/{store.ulid}/till", **EN).content.decode()
    assert sum(sales.posted().values()) == 0 and book.balance("clearing.payment") == 0


def test_people_of_the_shop_keep_the_till_by_their_roles(store, keeper, drain):
    with translation.override("en"):
        hand, cashier, member = make_member(name="小陈"), make_member(name="小钱"), make_member()
        for one, roles in ((hand, ["orders"]), (cashier, ["orders", "money"])):
            one.user.phone_verified = True
            one.user.save(update_fields=["phone_verified"])
            given = {"seller_ulid": store.ulid, "phone": one.user.phone, "name": one.name, "roles": roles}
            sellers.invite_staff(**given, member=keeper, now=NOW)
            sellers.accept_invitation(seller_ulid=store.ulid, member=one, now=NOW)
        clerk = signed_in(hand)
        code = services.show_code(member=member)
        opened = clerk.post(f"/seller/{store.ulid}/till", {"amount": "8", "code": code})
        row = TillCharge.objects.get()
        assert opened.status_code == 302 and row.asked_by == f"member:{hand.ulid}"
        order = settled(sold(store, member, 800, charge_ulid=row.ulid, now=clock.now()), drain, now=clock.now())
        page = f"/seller/{store.ulid}/till/sales/{order.ulid}"
        back = {"step": "refund", "amount": "8", "reason": "坏了"}
        assert "Give money back" not in clerk.get(page, **EN).content.decode()
        assert clerk.post(page, back).status_code == 404 and not order.refunds.exists()
        assert "Give money back" in signed_in(cashier).get(page, **EN).content.decode()
        assert signed_in(cashier).post(page, back).status_code == 302 and order.refunds.count() == 1
        assert "Redeem a card" in clerk.get("/seller", **EN).content.decode()
        assert clerk.get("/seller/cards").status_code == clerk.get("/seller/bookings").status_code == 200
        store.refresh_from_db()
        entry = next(one["ulid"] for one in store.staff if one["member"] == hand.ulid)
        sellers.remove_staff(seller_ulid=store.ulid, entry=entry, member=keeper, now=NOW)
        for gone in (f"/seller/{store.ulid}/till", page, "/seller/cards"):
            assert clerk.get(gone).status_code == 404, gone


def test_coins_and_a_card_of_the_store_pay_at_its_till(store, keeper, drain):
    sales.publish("coins", now=EARLIER, coins_per_yuan=10, most_ppm=100_000)
    member, other = make_member(name="李小满"), shops.store(now=EARLIER, name="别的店")
    terms = cards.offered(
        store, kind=CardKind.STORED, title="储值卡", visits=0, price_amount=3_000, filing_number="440106-1", now=NOW
    )
    bought = cards.ordered(terms, member, amount=3_000, now=NOW)
    orders.mark_paid(order_ulid=bought.ulid, payment=make.fund(bought, now=NOW), amount=3_000, now=NOW)
    drain(until=clock.real_now() + dt.timedelta(minutes=1))
    card = Card.objects.get()
    basis, ends = {"x": (7_000, 700)}, NOW + dt.timedelta(days=9)
    coin_lots.grant(member_ulid=member.ulid, order_ulid="0" * 26, basis=basis, keep=700, expires_at=ends, now=NOW)
    ledger.post_entry(
        key="coins-given",
        kind="coins.given",
        moves=[Move("issued", f"member.wallet.{member.ulid}", 700, COIN)],
        document="test",
        occurred_at=NOW,
    )
    with translation.override("en"):
        phone, address = signed_in(member), f"/t/{store.code}"
        page = phone.post(address, {"amount": "50", "recount": "1"}, **EN)
        assert (page.context["coins"]["most"], page.context["card"]["pays_amount"]) == (500, 3_000)
        form = {"amount": "50", "coins": "500", "card": card.ulid}
        page = phone.post(address, form | {"recount": "1"}, **EN)
        assert (page.context["quote"].total_amount, page.context["left_amount"]) == (4_500, 1_500)
        with pytest.raises(NotFound):  # nobody else's card, and never in another store
            sold(store, make_member(), 5_000, cards=[card.ulid])
        assert sold(other, member, 1_000, cards=[card.ulid], key="other-store").card_amount == 0
        paying = form | {"total": "4500", "key": page.context["key"]}
        answer = phone.post(address, paying, **EN)
        order = Order.objects.get(seller_ulid=store.ulid, delivery_kind="till")
        assert answer["Location"] == f"/pay/{order.ulid}"
        assert (order.total_amount, order.coin_count, order.card_amount, order.payable_amount) == (
            4_500,
            500,
            3_000,
            1_500,
        )
        payment = make.fund(order, amount=1_500, now=clock.now())
        assert orders.mark_paid(order_ulid=order.ulid, payment=payment, amount=1_500, now=clock.now())
        drain()
        card.refresh_from_db()
        assert card.left == 0 and coin_view.available(member.ulid, now=clock.now()) == 200
        receipt = signed_in(keeper).get(f"/seller/{store.ulid}/till/sales/{order.ulid}", **EN).content.decode()
        assert "Paid by 500 coins" in receipt and "¥30.00" in receipt
        day = selectors.day_sums(store.ulid, clock.china_date(clock.now()))
        assert (day.cash_amount, day.card_amount, day.worth_amount) == (1_500, 3_000, 5_000)
        services.refund_sale(
            seller_ulid=store.ulid, order_ulid=order.ulid, amount=None, reason="x", actor="member:x", now=clock.now()
        )
        drain()
        card.refresh_from_db()
        assert card.left == 3_000 and coin_view.available(member.ulid, now=clock.now()) == 700
    assert sum(clean().values()) == 0


def test_one_code_of_a_member_in_fifty_parallel_scans_is_one_sale(committed):
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall):
        with transaction.atomic():
            store = shops.store(now=EARLIER)
            member = make_member()
        code = services.show_code(member=member)
    start, answers = threading.Barrier(50), []

    def scan():
        try:
            with in_mall(mall):
                start.wait()
                try:
                    services.charge_member(seller_ulid=store.ulid, amount=800, code=code, actor="member:x", now=NOW)
                    answers.append("charged")
                except services.CodeUsed:
                    answers.append("used")
        finally:
            connection.close()

    threads = [threading.Thread(target=scan) for _one in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (answers.count("charged"), answers.count("used")) == (1, 49)
    with in_mall(mall):
        row = TillCharge.objects.get()
        order = sold(store, member, 800, charge_ulid=row.ulid, key="the-only-sale")
        assert sold(store, member, 800, charge_ulid=row.ulid, key="pressed-again").pk == order.pk
        assert Order.objects.count() == 1
