"""People of a shop: invited by number, roles page by page, several shops, gone at once; and who may enter which page."""

import pytest
from django.conf import settings
from django.urls import reverse

from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.messaging.notices.models import Notice
from tenant_apps.orders import services as orders
from tenant_apps.seller_portal import urls as portal
from tenant_apps.sellers import people, services
from tenant_apps.sellers.models import Seller, Statement
from tenant_apps.sellers.staffing import GRANTABLE, ShopRole
from tenant_apps.storefront import urls_care, urls_seller
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member

NOW = clock.now()
GOODS, ORDERS, SERVICE, MONEY, OWNER = (
    ShopRole.GOODS,
    ShopRole.ORDERS,
    ShopRole.SERVICE,
    ShopRole.MONEY,
    ShopRole.OWNER,
)

# page → the role it asks for; None: anybody of the shop. A page that is missing here fails the test.
PAGES = {
    "desk": None,
    "orders": ORDERS,
    "offers": ORDERS,
    "notices": ORDERS,
    "order": ORDERS,
    "cases": SERVICE,
    "case": SERVICE,
    "case_photo": SERVICE,
    "goods": GOODS,
    "shipping": ORDERS,
    "shipping_file": ORDERS,
    "packing": ORDERS,
    "counts": GOODS,
    "counts_file": GOODS,
    "products": GOODS,
    "product_new": GOODS,
    "product": GOODS,
    "product_step": GOODS,
    "product_times": GOODS,
    "product_pictures": GOODS,
    "staff": OWNER,
    "settings": OWNER,
    "money": MONEY,
    "own_terms": MONEY,
    "income": MONEY,
    "statement": MONEY,
    "old_statement": MONEY,
    "file": OWNER,
    "paper": OWNER,
    "voucher_terms": OWNER,
    "flash_sales": GOODS,
    "flash_new": GOODS,
    "flash_end": GOODS,
    "coupons": GOODS,
    "coupon_end": GOODS,
    "shop_invoices": MONEY,
    "shop_invoice_step": MONEY,
    "shop_talks": SERVICE,
    "shop_reviews": SERVICE,
    "shop_reply": SERVICE,
    "shop_desk": SERVICE,
}
ELSEWHERE = {"home", "apply", "apply_paper", "pickup", "shop_talk"}  # nobody's ULID, or a test of its own
GETS = set(PAGES) - {
    "coupon_end",
    "flash_end",
    "shop_invoice_step",
    "shop_reply",
    "product_step",
    "product_times",
    "product_pictures",
}


def browse(member):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def shop(grocery, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return sold.opened(owner=make_member(name="店主").ulid, now=NOW)


def person(name, *, proved=True):
    """A member, with a number that he has proved to own or not."""
    member = make_member(name=name)
    member.user.phone_verified = proved
    member.user.save(update_fields=["phone_verified"])
    return member


def hand(shop, *roles, name="小李"):
    """Somebody invited with these roles, who has accepted."""
    member = person(name)
    services.invite_staff(
        seller_ulid=shop.ulid,
        phone=member.user.phone,
        name=name,
        roles=[str(role) for role in roles],
        member=shop.owner,
        now=NOW,
    )
    services.accept_invitation(seller_ulid=shop.ulid, member=member, now=NOW)
    return member


def test_a_person_is_invited_accepts_works_and_is_gone_at_once(shop):
    owner, member = browse(shop.owner), person("李四", proved=False)
    phone = member.user.phone
    page = f"/seller/{shop.ulid}/staff"
    assert "Nobody yet beside you." in owner.get(page).content.decode()
    wrong = (
        ({"phone": "123", "name": "小李", "roles": ["orders"]}, "Enter a valid mobile number."),
        ({"phone": phone, "name": " ", "roles": ["orders"]}, "Say in 1 to 20 characters what you call this person."),
        ({"phone": phone, "name": "小李", "roles": ["owner"]}, "Tick at least one role."),
        ({"phone": shop.owner.user.phone, "name": "我", "roles": ["orders"]}, "This is your own number"),
    )
    for given, said in wrong:
        answer = owner.post(page, {"step": "invite", **given})
        assert answer.status_code == 422 and said in answer.content.decode(), given
    shop.refresh_from_db()
    assert (shop.staff, Notice.objects.filter(kind="shop_invitation").count()) == ([], 0)

    invitation = {"step": "invite", "phone": f" {phone}", "name": "小李", "roles": ["orders", "owner"]}
    assert owner.post(page, invitation).status_code == 302
    assert owner.post(page, invitation).status_code == 409  # invited already
    shop.refresh_from_db()
    assert [(one["phone"], one["roles"]) for one in shop.staff] == [(phone, ["orders"])]
    assert Notice.objects.filter(kind="shop_invitation").count() == 1

    hands = browse(member)
    assert hands.get(f"/seller/{shop.ulid}/orders").status_code == 404  # invited is not joined
    assert "invites you to work there" not in hands.get("/seller").content.decode()  # the number is not proved
    member.user.phone_verified = True
    member.user.save(update_fields=["phone_verified"])
    assert "invites you to work there" in hands.get("/seller").content.decode()
    assert 'href="/seller"' in hands.get("/me").content.decode()
    stranger = browse(make_member(name="路人"))
    assert stranger.post("/seller", {"step": "accept", "shop": shop.ulid}).status_code == 404
    hands.post("/seller", {"step": "accept", "shop": shop.ulid})
    shop.refresh_from_db()
    assert [(one["member"], "phone" in one) for one in shop.staff] == [(member.ulid, False)]
    assert hands.get(f"/seller/{shop.ulid}/orders").status_code == 200
    refused = hands.get(f"/seller/{shop.ulid}/money")
    assert refused.status_code == 403 and "Its owner can change that." in refused.content.decode()
    assert "Coming with the next statement" not in hands.get("/seller").content.decode()

    entry = shop.staff[0]["ulid"]
    owner.post(page, {"step": "roles", "entry": entry, "roles": ["money"]})
    assert hands.get(f"/seller/{shop.ulid}/orders").status_code == 403
    assert hands.get(f"/seller/{shop.ulid}/money").status_code == 200
    assert hands.post(page, {"step": "remove", "entry": entry}).status_code == 403  # not the owner
    owner.post(page, {"step": "remove", "entry": entry})
    assert hands.get(f"/seller/{shop.ulid}/money").status_code == 404
    assert list(
        AuditRecord.objects.filter(action__startswith="seller.staff", target=f"seller:{shop.ulid}")
        .order_by("pk")
        .values_list("action", "actor")
    ) == [
        ("seller.staff_invited", f"member:{shop.owner.ulid}"),
        ("seller.staff_joined", f"member:{member.ulid}"),
        ("seller.staff_roles", f"member:{shop.owner.ulid}"),
        ("seller.staff_removed", f"member:{shop.owner.ulid}"),
    ]


def test_one_person_in_two_shops_switches_declines_and_leaves(shop):
    other = sold.opened(owner=make_member(name="同行").ulid, name="别家茶行", now=NOW)
    member = hand(shop, ORDERS)
    services.invite_staff(
        seller_ulid=other.ulid, phone=member.user.phone, name="李", roles=["goods"], member=other.owner, now=NOW
    )
    hands = browse(member)
    hands.post("/seller", {"step": "decline", "shop": other.ulid})
    assert people.invitations(member) == [] and people.shops_of(member) == [shop]
    services.invite_staff(
        seller_ulid=other.ulid, phone=member.user.phone, name="李", roles=["goods"], member=other.owner, now=NOW
    )
    hands.post("/seller", {"step": "accept", "shop": other.ulid})
    page = hands.get("/seller").content.decode()
    assert f"/seller/{shop.ulid}/desk" in page and f"/seller/{other.ulid}/desk" in page
    assert hands.get(f"/seller/{other.ulid}/goods").status_code == 200
    assert hands.get(f"/seller/{other.ulid}/orders").status_code == 403
    assert people.shops_of(member, GOODS) == [other] and people.shops_of(member, OWNER) == []
    assert people.shops_of(shop.owner, GOODS) == [shop]
    hands.post("/seller", {"step": "leave", "shop": shop.ulid})
    assert hands.get(f"/seller/{shop.ulid}/orders").status_code == 404
    assert hands.post("/seller", {"step": "leave", "shop": shop.ulid}).status_code == 404
    assert browse(shop.owner).post("/seller", {"step": "leave", "shop": shop.ulid}).status_code == 404
    assert people.shops_of(member) == [other]


def test_every_page_asks_for_its_role(shop):
    """Each address of a shop, made out of the lists of addresses, by a person of each single role."""
    tea = sold.goods(shop, price=10_000, now=NOW)
    order = make.paid(make_member(name="王小明"), (tea, 1))
    case = orders.open_case(
        order_ulid=order.ulid,
        service="refund_only",
        reason="破损",
        wishes=None,
        photos=[(catalog.picture(), "image/jpeg")],
        member=order.member,
        now=clock.now(),
    )
    services.add_seller_paper(
        seller_ulid=shop.ulid,
        content=b"%PDF-1.7\n%%EOF",
        content_type="application/pdf",
        kind="licence",
        actor="user:X",
        now=NOW,
    )
    statement = Statement.objects.create(
        ulid="01STATEMENT0000000000000000"[:26], number="S1", seller=shop, period_key="2026-W01", until=NOW, closed_at=NOW,
        turnover_amount=1, fee_amount=0, sale_amount=1, refund_amount=0, award_amount=0, deduction_amount=0, total_amount=1,
    )  # fmt: skip
    browsers = {role: browse(hand(shop, role)) for role in GRANTABLE}
    shop.refresh_from_db()
    known = {
        "ulid": shop.ulid, "order_ulid": order.ulid, "case_ulid": case.ulid, "statement_ulid": statement.ulid,
        "product_ulid": tea.product.ulid, "coupon": "01X", "sale_ulid": "01X", "review": "01X", "invoice": "01X",
    }  # fmt: skip
    seen = set()
    for module in (portal, urls_seller, urls_care):
        for one in module.urlpatterns:
            wanted = one.pattern.converters
            if one.name in ELSEWHERE or (module is urls_care and not str(one.pattern).startswith("seller/")):
                continue
            assert one.name in PAGES, f"say in PAGES which role {one.name} asks for"
            seen.add(one.name)
            values = {key: known.get(key, "") for key in wanted}
            if "name" in wanted:
                values["name"] = case.evidence[0] if "case_ulid" in wanted else shop.papers[0]["file"]
            if one.name == "old_statement":
                values["ulid"] = statement.ulid
            address = reverse(f"{module.app_name}:{one.name}", kwargs=values)
            for role, client in browsers.items():
                expected = PAGES[one.name] in (None, role)
                if one.name in GETS:
                    found = client.get(address).status_code
                    assert found in ((200, 301) if expected else (403,)), (address, role, found)
                if not expected:
                    posted = client.post(address, {"step": "leave", "reason": "x", "answer": "right"}).status_code
                    assert posted in (403, 405), (address, role, posted)
    assert seen == set(PAGES)
    shop.refresh_from_db()
    statement.refresh_from_db()
    assert (shop.state, statement.state) == ("active", "draft")


def test_the_list_of_people_is_bounded_and_ends_with_the_shop(shop):
    Seller.objects.filter(pk=shop.pk).update(
        staff=[{"ulid": f"01X{at}", "phone": f"+86{at}", "name": "x", "roles": ["goods"]} for at in range(50)]
    )
    page = f"/seller/{shop.ulid}/staff"
    given = {"step": "invite", "phone": "13800002001", "name": "小李", "roles": ["orders"]}
    owner = browse(shop.owner)
    assert "at most 50 people" in owner.post(page, given).content.decode()
    Seller.objects.filter(pk=shop.pk).update(staff=[], state="closed")
    assert "This shop has ended" in owner.post(page, given).content.decode()


def test_a_stores_own_pages_ask_for_their_roles(grocery):
    store = sold.store(owner=make_member(name="店主").ulid, now=NOW)
    here, stock = f"/seller/{store.ulid}/store", f"/seller/{store.ulid}/stock"
    place = {"part": "place", "place_text": "体育东路 8 号", "place_phone": "02088888888", "fee": "0", "minimum": "0"}
    for roles, found in (((ORDERS,), (200, 403)), ((GOODS,), (403, 200)), ((SERVICE, MONEY), (403, 403))):
        client = browse(hand(store, *roles, name="店员"))
        assert (client.get(here).status_code, client.get(stock).status_code) == found, roles
        assert client.post(here, place).status_code == 403  # what delivery costs is the owner's to say
        home = client.get("/seller").content.decode()
        assert (here in home, stock in home) == tuple(code == 200 for code in found)
    clerk = browse(hand(store, ORDERS, name="小周"))
    assert "Place and delivery" not in clerk.get(here).content.decode()
    assert "Place and delivery" in browse(store.owner).get(here).content.decode()
    assert clerk.post(here, {"part": "facts", "intro": "老店"}).status_code == 302
    assert browse(make_member()).get(here).status_code == browse(make_member()).get(stock).status_code == 404
