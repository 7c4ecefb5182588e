"""A membership from fee to member price to giving it back, through orders and their events (MODES 9a)."""

import datetime as dt

import pytest

from saas.kernel import clock
from tenant_apps.members.models import Member
from tenant_apps.modes.partner_membership import selectors as partner
from tenant_apps.modes.partner_membership import services as partner_services
from tenant_apps.modes.partner_membership.settings import PartnerMembershipSettings
from tenant_apps.orders import services
from tenant_apps.orders.models import CartLine, Order
from tenant_apps.orders.rules import WantedLine
from tests.factories import catalog, people
from tests.factories import orders as make
from tests.factories.sales import publish

NOW = clock.now()
DAY = dt.timedelta(days=1)


@pytest.fixture
def fee(grocery):
    publish("partner_membership", now=NOW - DAY)
    partner_services.offer_membership(settings=PartnerMembershipSettings(), actor="user:clerk", now=NOW)
    return partner.membership_sku()


@pytest.fixture
def buyer(grocery):
    return people.make_member(name="伙伴")


def place(member, *lines, now=NOW, address=make.HOME):
    member = Member.objects.get(pk=member.pk)
    from tenant_apps.modes import quoting

    quote = services.quote_checkout(lines=lines, now=now, buyer=quoting.buyer_of(member, now))
    return services.place_order(
        member=member,
        lines=lines,
        address=address,
        expected_total=quote.total_amount,
        idempotency_key=f"key-{Order.objects.count():08}",
        now=now,
    )


def pay(order, *, now=NOW, drain=None):
    assert services.mark_paid(
        order_ulid=order.ulid, payment=make.fund(order, now=now), amount=order.total_amount, now=now
    )
    services.begin_fee(order_ulid=order.ulid, now=now)
    order.refresh_from_db()
    return order


def join(member, fee, *, now=NOW):
    return pay(place(member, WantedLine(fee.ulid, 1), now=now, address=None), now=now)


def level(member):
    row = Member.objects.get(pk=member.pk)
    return row.level, row.level_until


def give_back(order, member, *, now):
    refund = services.request_refund(
        order_ulid=order.ulid, reason="不需要了", actor=f"member:{member.ulid}", member=member, now=now
    )
    services.approve_refund(refund_ulid=refund.ulid, actor="user:clerk", now=now)
    refund.refresh_from_db()
    return refund


def test_the_fee_is_an_order_without_freight_or_address_and_the_benefits_begin_at_payment(buyer, fee):
    order = join(buyer, fee)
    assert (order.total_amount, order.freight_amount, order.recipient_name) == (9_900, 0, "")
    assert (order.state, order.aftersales_days) == ("received", 7)
    assert level(buyer) == ("partner", NOW + 365 * DAY)
    services.begin_fee(order_ulid=order.ulid, now=NOW)
    assert len(partner.memberships_of(buyer.ulid)) == 1


def test_a_partner_pays_the_member_price_and_the_line_keeps_both(buyer, fee):
    sku = catalog.single(price=3_990, stock=10)
    join(buyer, fee)
    line = place(buyer, WantedLine(sku.ulid, 2)).lines.get()
    assert (line.unit_list_amount, line.unit_amount, line.gross_amount, line.level_amount) == (
        3_990,
        3_790,
        7_980,
        7_580,
    )
    stranger = place(people.make_member(), WantedLine(sku.ulid, 1)).lines.get()
    assert (stranger.unit_list_amount, stranger.unit_amount) == (3_990, 3_990)
    late = place(buyer, WantedLine(sku.ulid, 1), now=NOW + 365 * DAY).lines.get()
    assert late.unit_amount == 3_990


def test_the_price_that_was_shown_to_a_partner_is_not_taken_from_anybody_else(buyer, fee):
    sku = catalog.single(price=3_990, stock=10)
    with pytest.raises(services.PriceChanged):
        services.place_order(
            member=buyer,
            lines=[WantedLine(sku.ulid, 1, expected_unit_amount=3_790)],
            address=make.HOME,
            expected_total=3_790,
            idempotency_key="key-0000001",
            now=NOW,
        )
    assert not Order.objects.exists()


def test_cooling_off_without_use_gives_everything_back(buyer, fee):
    order = join(buyer, fee)
    refund = give_back(order, buyer, now=NOW + 3 * DAY)
    assert refund.amount == 9_900
    assert level(buyer) == ("ordinary", None)


def test_a_use_ends_the_free_cooling_off(buyer, fee):
    order = join(buyer, fee)
    place(buyer, WantedLine(catalog.single(price=3_990).ulid, 1), now=NOW + DAY)
    assert give_back(order, buyer, now=NOW + 3 * DAY).amount == 9_819  # 362 of 365 days, rounded up
    with pytest.raises(services.NothingToRefund):
        give_back(order, buyer, now=NOW + 4 * DAY)


def test_an_order_at_the_list_price_or_one_that_was_cancelled_is_no_use(buyer, fee):
    publish(
        "partner_membership",
        now=NOW,
        overrides=[{"scope": "sku", "key": (plain := catalog.single(price=500)).ulid, "rate_ppm": [1_000_000]}],
    )
    order = join(buyer, fee)
    place(buyer, WantedLine(plain.ulid, 1))
    gone = place(buyer, WantedLine(catalog.single(price=3_990).ulid, 1))
    services.cancel_order(order_ulid=gone.ulid, actor="system", reason="x", now=NOW)
    assert give_back(order, buyer, now=NOW + 3 * DAY).amount == 9_900


def test_completed_it_returns_the_unused_days(buyer, fee):
    order = join(buyer, fee)
    services.complete_order(order_ulid=order.ulid, actor="system", now=NOW + 7 * DAY)
    refund = give_back(order, buyer, now=NOW + 100 * DAY)
    assert refund.amount == 7_188  # 265 of 365 days, rounded up
    assert level(buyer) == ("ordinary", None)


def test_a_renewal_begins_where_the_term_before_it_ends_and_moves_up_when_that_is_given_back(buyer, fee):
    first = join(buyer, fee)
    second = join(buyer, fee, now=NOW + 10 * DAY)
    assert level(buyer) == ("partner", NOW + 730 * DAY)
    assert second.sale_facts["buyer"]["level"] == "partner"
    assert first.sale_facts["buyer"]["level"] == "ordinary"
    give_back(first, buyer, now=NOW + 100 * DAY)
    assert level(buyer) == ("partner", NOW + 465 * DAY)


def test_a_fee_is_bought_alone_one_at_a_time_and_not_by_the_cart(buyer, fee):
    sku = catalog.single()
    for lines in ([WantedLine(fee.ulid, 2)], [WantedLine(fee.ulid, 1), WantedLine(sku.ulid, 1)]):
        with pytest.raises(services.FeeAlone):
            services.quote_checkout(lines=lines, now=NOW)
    with pytest.raises(services.FeeAlone):
        services.add_to_cart(member=buyer, sku_ulid=fee.ulid, qty=1, now=NOW)
    assert not CartLine.objects.exists()


def test_goods_need_an_address(buyer, fee):
    with pytest.raises(services.AddressInvalid):
        place(buyer, WantedLine(catalog.single().ulid, 1), address=None)
    assert not Order.objects.exists()


def test_the_api_prices_by_level_and_zone(buyer, fee):
    from django.conf import settings as django_settings

    from tests.factories.browser import MallClient

    sku = catalog.single(price=3_990)
    browser = MallClient()
    browser.force_login(buyer.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    ask = {"lines": [{"sku": sku.ulid, "qty": 2}]}

    def quoted():
        answer = browser.post("/api/orders/quote", ask, content_type="application/json")
        assert answer.status_code == 200, answer.content
        found = answer.json()
        return found["lines"][0]["unit_list_amount"], found["lines"][0]["unit_amount"], found["saved_amount"]

    assert quoted() == (3_990, 3_990, 0)
    join(buyer, fee)
    assert quoted() == (3_990, 3_790, 400)
