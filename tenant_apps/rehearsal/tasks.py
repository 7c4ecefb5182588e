"""Test people by one button: members with a referral tree, ranks and addresses, a store, a merchant with goods, orders.

A job in small steps through the real services; each step looks whether it is done, so that a job that was killed goes on.
Payments are real conversations with the sandbox channel.
"""

from dataclasses import replace
from typing import Any

import httpx
from django.conf import settings
from django.db import transaction

from saas.identity.models import User
from saas.kernel import clock
from saas.kernel.crashpoint import crashpoint
from saas.tenants.jobs import services as jobs
from saas.tenants.jobs.models import Job
from saas.tenants.malls import services as malls
from saas.tenants.malls.models import Mall
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product, Sku
from tenant_apps.catalog.rules import ProductDraft, ProductStatus, SkuDraft
from tenant_apps.members import selectors as members
from tenant_apps.members import services as membership
from tenant_apps.members.models import Member, RankGrant
from tenant_apps.members.services.addresses import AddressInput
from tenant_apps.modes import quoting
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState, WantedLine
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Payment
from tenant_apps.payments.rules import PaymentState
from tenant_apps.rehearsal.rules import CAST, MERCHANT_OWNER, ORDERS, STORE_OWNER, Person, phone
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import DEFAULT_RATES, SellerDraft, SellerKind, SettlementKind

ACTOR = "system"
STORE, MERCHANT, GOODS, OWN_GOODS = "测试门店", "测试商家", "测试商品·商家", "测试商品·自营"
_CODES = {SellerKind.STORE: "teststore", SellerKind.MERCHANT: "testseller"}


class SandboxSilent(RuntimeError):
    """The sandbox channel did not take a test payment: the job tries again."""


def make_people(job: Job, mall: Mall) -> bool:
    """The job: everything that is not there yet, in the active mall; whether it is over (always, unless it raises)."""
    malls.require_rehearsal(mall)
    cast: list[Member] = []
    for place, person in enumerate(CAST):
        cast.append(_member(place, person, cast))
    crashpoint("people.members")
    jobs.note_progress(job, members=len(cast), percent=30)
    made = [
        _seller(SellerKind.STORE, STORE, cast[STORE_OWNER]),
        _seller(SellerKind.MERCHANT, MERCHANT, cast[MERCHANT_OWNER]),
    ]
    theirs, own = _goods(GOODS, made[1].ulid), _goods(OWN_GOODS, "")
    products = [theirs.product.ulid, own.product.ulid]
    jobs.note_progress(job, sellers=[one.ulid for one in made], products=products, percent=50)
    crashpoint("people.sellers")
    for number, (buyer, pieces, goal) in enumerate(ORDERS):
        _order(f"rehearsal-test-order-{number:03d}", cast[buyer], own if number % 2 else theirs, pieces, goal)
        crashpoint("people.order")
        jobs.note_progress(job, orders=number + 1, percent=50 + 50 * (number + 1) // len(ORDERS))
    jobs.finish_job(job, now=clock.real_now())
    return True


def _member(place: int, person: Person, cast: list[Member]) -> Member:
    now = clock.now()
    user = User.objects.filter(phone=phone(place)).first()
    known = members.member_of_user(user) if user is not None else None
    if known is not None:
        return known
    with transaction.atomic():
        user = user or User.objects.create_user(phone=phone(place), phone_verified=True, name=person.name)
        code = cast[person.referrer].share_code if person.referrer is not None else ""
        member = membership.ensure_member(user=user, referral_code=code, now=now)
        membership.update_profile(member=member, name=person.name)
        if person.promotes:
            membership.apply_to_promote(member=member, approve_at_once=True, now=now)
        if person.rank and not RankGrant.objects.filter(member=member).exists():
            membership.grant_rank(
                member_ulid=member.ulid, rank=person.rank, ground="staff", actor=ACTOR, now=now, reason="test person"
            )
        province, city, district = person.area
        given = AddressInput(
            name=person.name,
            phone=phone(place),
            province_code=province,
            city_code=city,
            district_code=district,
            detail=person.street,
        )
        membership.add_address(member=member, given=given, now=now)
    return member


def _seller(kind: SellerKind, name: str, owner: Member) -> Seller:
    known = Seller.objects.filter(code=_CODES[kind]).first()
    if known is not None:
        return known
    draft = SellerDraft(
        kind=kind,
        name=name,
        settlement=SettlementKind.COMMISSION,
        rate_ppm=DEFAULT_RATES[SettlementKind.COMMISSION],
        licence_name=f"{name}有限公司",
        licence_number="91440101MA00TEST01",
        code=_CODES[kind],
    )
    draft = replace(draft, owner=owner.ulid, area_code="440106" if kind is SellerKind.STORE else "")
    with transaction.atomic():
        made = sellers.create_seller(draft=draft, actor=ACTOR, now=clock.now())
        return sellers.open_seller(ulid=made.ulid, actor=ACTOR, now=clock.now())


def _goods(title: str, seller: str) -> Sku:
    known = Product.objects.filter(title=title).first()
    if known is None or known.status != ProductStatus.ON_SHELF:
        with transaction.atomic():
            if known is None:
                skus = (SkuDraft((), 9900, supply_amount=None if seller else 4000, stock=500),)
                draft = ProductDraft(title=title, skus=skus, seller_ulid=seller)
                known = sellers.create_product(draft=draft, actor=ACTOR, now=clock.now())
            catalog.put_on_shelf(ulid=known.ulid, actor=ACTOR, now=clock.now())
    return Sku.objects.select_related("product").filter(product=known).order_by("pk")[0]


def _order(key: str, buyer: Member, sku: Sku, pieces: int, goal: str) -> None:
    order = Order.objects.filter(idempotency_key=key).first() or _place(key, buyer, sku, pieces)
    if goal != "placed" and order.state == OrderState.PENDING_PAYMENT:
        _pay(order, buyer)
        order.refresh_from_db()
    if goal in ("shipped", "received") and order.state == OrderState.PAID:
        orders.ship_order(
            order_ulid=order.ulid, carrier="测试快递", number=f"TEST{order.pk:09d}", actor=ACTOR, now=clock.now()
        )
        order.refresh_from_db()
    if goal == "received" and order.state == OrderState.SHIPPED:
        orders.receive_order(order_ulid=order.ulid, actor=f"member:{buyer.ulid}", now=clock.now())


def _place(key: str, buyer: Member, sku: Sku, pieces: int) -> Order:
    now, lines = clock.now(), [WantedLine(sku.ulid, pieces)]
    recipient = orders.recipient_of(members.addresses(buyer)[0])
    quote = orders.quote_checkout(lines=lines, now=now, buyer=quoting.buyer_of(buyer, now))
    return orders.place_order(
        member=buyer,
        lines=lines,
        address=recipient,
        expected_total=quote.total_amount,
        idempotency_key=key,
        now=now,
    )


def _pay(order: Order, buyer: Member) -> None:
    started = payments.start_payment(
        document=f"order:{order.ulid}",
        amount=order.total_amount,
        description=order.number,
        method="native",
        member_ulid=buyer.ulid,
        now=clock.now(),
    )
    payment = Payment.objects.select_related("credential").get(ulid=started.payment)
    if payment.state != PaymentState.PAID:
        _sandbox("pay", mchid=payment.credential.merchant_id, number=payment.number)
        payments.query_payment(payment_ulid=payment.ulid, now=clock.now())
        payment.refresh_from_db()
    if payment.state != PaymentState.PAID:
        raise SandboxSilent(f"{payment.number}: {payment.state}")
    orders.mark_paid(order_ulid=order.ulid, payment=payment.ulid, amount=payment.amount, now=clock.now())


def _sandbox(path: str, **content: Any) -> None:
    try:
        reply = httpx.post(f"{settings.SANDBOX_ORIGIN}/_sandbox/{path}", json=content, timeout=10, trust_env=False)
        reply.raise_for_status()
    except httpx.HTTPError as error:
        raise SandboxSilent(str(error)) from None
