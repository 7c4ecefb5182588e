"""Fills a demo mall through the real services: goods with pictures, members with a referral tree, orders in every state.

Payments are real conversations with the sandbox channel. The same kind gives the same mall each time; what is there
already is left alone, so a seed that was interrupted goes on where it stopped.
"""

import dataclasses
import datetime as dt
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import httpx
from django.conf import settings
from django.db import transaction

from saas.identity.models import User
from saas.kernel import clock
from saas.messaging.bus import services as bus
from saas.runtime.demo_goods import catalog as goods
from saas.runtime.demo_goods import people, pictures
from saas.runtime.demo_goods.people import Person, Story
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Category, Product, Sku
from tenant_apps.catalog.rules import ProductStatus
from tenant_apps.design import selectors as design
from tenant_apps.design import services as branding
from tenant_apps.members import selectors as members
from tenant_apps.members import services as membership
from tenant_apps.members.models import Member
from tenant_apps.members.services.addresses import AddressInput
from tenant_apps.modes import selectors as mode_facts
from tenant_apps.modes import services as modes
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState, RefundWish, WantedLine
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Payment
from tenant_apps.payments.rules import PaymentFacts
from tenant_apps.payments.services import accounts

ACTOR = "system"
OPENED_DAYS_AGO = 60
Tell = Callable[[str], None]


def seed(
    *, kind: str, password: str, now: dt.datetime, tell: Tell, most: int | None = None, **_: Any
) -> dict[str, Any]:
    """Fill the active mall as a `grocery` or a `beauty` mall. Returns the logins that the demo prints.

    `most` limits products and orders, for tests.
    """
    _publish_terms(now)
    _brand(kind, now)
    _categories(kind)
    _products(kind, now, tell, most)
    cast = _members(kind, password, now)
    _orders(kind, cast, now, tell, most)
    shown = (person for person in people.cast(kind) if person.shown)
    return {"logins": [{"what": person.shown, "login": person.phone, "password": password} for person in shown]}


def _publish_terms(now: dt.datetime) -> None:
    """Terms that held when the oldest order of the demo was placed."""
    opened = now - dt.timedelta(days=OPENED_DAYS_AGO)
    wanted: dict[str, dict[str, Any]] = {
        "distribution": {"rate_ppm": (80_000, 30_000)},
        "orders": {"store_handover": True},
    }
    for mode, values in wanted.items():
        if not mode_facts.history(mode=mode).exists():
            modes.publish_settings(
                actor=ACTOR,
                approved_by="provisioning",
                mode=mode,
                values=values,
                reason="演示商城开业",
                now=opened,
                accept_cautions=True,
            )


_BRANDS = {
    "grocery": {
        "tagline": "从田间到餐桌，新鲜看得见",
        "primary_color": "#2f7d32",
        "accent_color": "#c2410c",
        "company_name": "青禾优选(杭州)农业科技有限公司",
        "licence_number": "91330100MADEMO0001",
        "icp_number": "浙ICP备00000001号(演示)",
        "service_phone": "400-000-0001",
        "return_name": "青禾售后仓",
        "return_phone": "13800000001",
        "return_address": "浙江省杭州市余杭区良渚街道演示路1号",
    },
    "beauty": {
        "tagline": "芍药花开，素颜也明亮",
        "primary_color": "#b0305c",
        "accent_color": "#9d174d",
        "company_name": "芍药之颜(上海)化妆品有限公司",
        "licence_number": "91310000MADEMO0002",
        "icp_number": "沪ICP备00000002号(演示)",
        "service_phone": "400-000-0002",
        "return_name": "芍药售后中心",
        "return_phone": "13800000002",
        "return_address": "上海市松江区广富林街道演示路2号",
    },
}


def _brand(kind: str, now: dt.datetime) -> None:
    """Colours, company, contact and legal texts; a mall that has its company already is left alone."""
    published = design.published()
    if published is not None and published.company_name:
        return
    branding.update_branding(actor=ACTOR, now=now, values=_BRANDS[kind])
    branding.adopt_default_texts(actor=ACTOR, now=now, language="zh-hans")
    branding.publish_branding(actor=ACTOR, now=now)


def _categories(kind: str) -> None:
    known = set(Category.objects.values_list("slug", flat=True))
    for position, (slug, name, children) in enumerate(goods.TABLES[kind].CATEGORIES):
        if slug not in known:
            catalog.create_category(slug=slug, name=name, position=position, actor=ACTOR)
        for place, (child, title) in enumerate(children):
            if child not in known:
                catalog.create_category(slug=child, name=title, parent_slug=slug, position=place, actor=ACTOR)


def _products(kind: str, now: dt.datetime, tell: Tell, most: int | None) -> None:
    """Create, picture and shelve what is missing. Pictures are drawn by two processes ahead of the database's work."""
    items = goods.parse(kind)[:most]
    known = {product.title: product for product in Product.objects.prefetch_related("images")}
    shelved = {title for title, one in known.items() if one.status == ProductStatus.ON_SHELF}
    missing = [item for item in items if item.draft.title not in shelved]
    if not missing:
        return
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as painters:
        drawings = [
            painters.submit(pictures.draw, kind, item.shape, item.hue, item.draft.title, item.draft.subtitle)
            for item in missing
        ]
        for number, (item, drawing) in enumerate(zip(missing, drawings, strict=True)):
            born = now - dt.timedelta(days=OPENED_DAYS_AGO - number // 3)
            product = known.get(item.draft.title) or catalog.create_product(draft=item.draft, actor=ACTOR, now=born)
            if not product.images.exists():
                content = drawing.result()
                catalog.add_image(
                    product_ulid=product.ulid, content=content, content_type="image/jpeg", actor=ACTOR, now=born
                )
            catalog.put_on_shelf(ulid=product.ulid, actor=ACTOR, now=born)
            if number % 10 == 9:
                tell(f"{number + 1} of {len(missing)} products on shelf")


def _members(kind: str, password: str, now: dt.datetime) -> dict[str, Member]:
    """The cast by name: referral tree, promoters, an address each."""
    cast: dict[str, Member] = {}
    for number, person in enumerate(people.cast(kind)):
        joined = now - dt.timedelta(days=OPENED_DAYS_AGO - number)
        cast[person.name] = ensure_member(person, cast, password if person.shown else None, joined)
    return cast


def ensure_member(person: Person, cast: dict[str, Member], password: str | None, joined: dt.datetime) -> Member:
    """The member behind a person of the demo, made with an address if he is not there; `cast` holds his referrer."""
    phone = f"+86{person.phone}"
    user = User.objects.filter(phone=phone).first()
    if user is not None and (known := members.member_of_user(user)) is not None:
        return known
    with transaction.atomic():
        if user is None:
            user = User.objects.create_user(phone=phone, phone_verified=True, name=person.name, password=password)
        code = cast[person.referrer].share_code if person.referrer else ""
        member = membership.ensure_member(user=user, referral_code=code, now=joined)
        membership.update_profile(member=member, name=person.name)
        if person.promoter:
            membership.apply_to_promote(member=member, approve_at_once=True, now=joined)
        province, city, district = person.area
        given = AddressInput(
            name=person.name,
            phone=phone,
            province_code=province,
            city_code=city,
            district_code=district,
            detail=person.street,
        )
        membership.add_address(member=member, given=given, now=joined)
    return member


def _orders(kind: str, cast: dict[str, Member], now: dt.datetime, tell: Tell, most: int | None) -> None:
    skus = list(Sku.objects.filter(is_active=True, product__seller_ulid="").order_by("pk"))
    stories = people.stories(kind)[-most:] if most else people.stories(kind)
    for number, story in enumerate(stories):
        key = f"demo-{kind}-{number:03d}"
        if not Order.objects.filter(idempotency_key=key).exists():
            _tell_story(story, key, cast[story.buyer], skus, now)
        if number % 10 == 9:
            tell(f"{number + 1} of {len(stories)} orders")


def _tell_story(story: Story, key: str, buyer: Member, skus: list[Sku], now: dt.datetime) -> None:
    began = now - dt.timedelta(days=story.days_ago, minutes=7 * len(key))
    lines = [WantedLine(skus[pick % len(skus)].ulid, qty) for pick, qty in story.picks]
    pays = story.state not in (OrderState.PENDING_PAYMENT, OrderState.CANCELLED)
    order = _place(buyer, lines, key, began if pays else now)
    if story.state == OrderState.CANCELLED:
        orders.cancel_order(order_ulid=order.ulid, actor=f"member:{buyer.ulid}", reason="不想要了", now=now)
    if pays:
        facts = _pay(order, buyer, now)
        with transaction.atomic():  # in one go: a schedule that is due already finds nothing left to do
            _go_on(story, order, facts, began)


def _place(buyer: Member, lines: list[WantedLine], key: str, at: dt.datetime) -> Order:
    total = orders.quote_checkout(lines=lines, now=at).total_amount
    recipient = orders.recipient_of(members.addresses(buyer)[0])
    with transaction.atomic():
        order = orders.place_order(
            member=buyer, lines=lines, address=recipient, expected_total=total, idempotency_key=key, now=at
        )
        bus.cancel("order.payment_due", key=order.ulid)  # an order of the past would be cancelled before it is paid
    return order


def _pay(order: Order, buyer: Member, now: dt.datetime) -> PaymentFacts:
    """What the channel says of a payment that its payer has paid, not booked yet.

    Its notice is lost, so that the past stays past.
    """
    started = payments.start_payment(
        document=f"order:{order.ulid}",
        amount=order.total_amount,
        description=f"订单 {order.number}",
        method="native",
        member_ulid=buyer.ulid,
        now=now,
    )
    payment = Payment.objects.select_related("credential").get(ulid=started.payment)
    account = payment.credential.merchant_id
    _sandbox("faults", mchid=account, name="no_notice", count=1)
    _sandbox("pay", mchid=account, number=payment.number)
    return accounts.gateway_of(payment.credential).query(payment.number, clock.now())


def _go_on(story: Story, order: Order, facts: PaymentFacts, began: dt.datetime) -> None:
    """Book the payment as of its day and take the order to where the story ends."""
    paid_at = began + dt.timedelta(minutes=4)
    payment = payments.confirm_payment(facts=dataclasses.replace(facts, paid_at=paid_at), now=paid_at)
    orders.mark_paid(order_ulid=order.ulid, payment=payment.ulid, amount=payment.amount, now=paid_at)
    if story.state != OrderState.PAID and not story.refund.startswith("unsent"):
        number = f"SF{goods.number(order.idempotency_key, 10**11, 10**12 - 1)}"
        orders.ship_order(
            order_ulid=order.ulid, carrier="顺丰速运", number=number, actor=ACTOR, now=began + dt.timedelta(hours=20)
        )
    received_at = began + dt.timedelta(days=3)
    if story.state in (OrderState.RECEIVED, OrderState.COMPLETED):
        orders.receive_order(order_ulid=order.ulid, actor=f"member:{order.member.ulid}", now=received_at)
    if story.state == OrderState.COMPLETED:
        orders.complete_order(order_ulid=order.ulid, actor="system", now=received_at + dt.timedelta(days=8))
    if story.refund:
        _refund(story, order)


def _refund(story: Story, order: Order) -> None:
    instant = order.placed_at + dt.timedelta(days=3, hours=5)
    line = order.lines.order_by("position").first()
    assert line is not None
    whole = story.refund.startswith("unsent")
    case = orders.request_refund(
        order_ulid=order.ulid,
        wishes=None if whole else [RefundWish(line.ulid, 1)],
        reason=story.reason,
        actor=f"member:{order.member.ulid}",
        now=instant,
    )
    if not story.refund.endswith("asked"):
        orders.approve_refund(refund_ulid=case.ulid, actor=ACTOR, note="同意退款", now=instant + dt.timedelta(hours=2))


def _sandbox(path: str, **content: Any) -> None:
    reply = httpx.post(f"{settings.SANDBOX_ORIGIN}/_sandbox/{path}", json=content, timeout=20, trust_env=False)
    reply.raise_for_status()
