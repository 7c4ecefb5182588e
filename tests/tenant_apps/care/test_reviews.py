"""A review from the goods' arrival to the seller's answer and the staff's hand on it; favourites and what was seen."""

import datetime as dt
import io

import pytest
from django.utils import translation
from PIL import Image

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.care import rules, selectors, services
from tenant_apps.care.handlers import on_member_closed
from tenant_apps.care.models import Review, Shelf
from tenant_apps.catalog.services.renditions import ImageRefused
from tenant_apps.sellers.models import Seller
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
DAY = dt.timedelta(days=1)
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def photo():
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "SecretCamera"
    Image.new("RGB", (300, 200), "red").save(buffer, format="JPEG", exif=exif)
    return buffer.getvalue(), "image/jpeg"


@pytest.mark.parametrize(
    ("count", "stars", "score"), [(0, 0, 1_000_000), (1, 1, 927_272), (10, 10, 600_000), (90, 450, 1_000_000)]
)
def test_the_score_of_a_seller_is_the_stated_formula(count, stars, score):
    assert rules.score_ppm(count, stars) == score


def test_averages_and_windows():
    assert [rules.average_tenths(*one) for one in ((0, 0), (2, 9), (3, 14), (4, 17))] == [0, 45, 47, 43]
    assert not rules.may_review(None, NOW)
    assert rules.may_review(NOW, NOW + 90 * DAY - dt.timedelta(seconds=1)) and not rules.may_review(NOW, NOW + 90 * DAY)
    assert rules.put_first(["a", "b", "c"], "c", limit=2) == ["c", "a"]


def test_one_word_a_line_which_moves_the_score_is_answered_and_hidden(grocery):
    buyer, owner, stranger = make_member(name="李小满"), make_member(), make_member()
    shop = shops.opened(name="甲", owner=owner.ulid)
    order = make.shipped(buyer, (shops.goods(shop, price=6_000), 1), now=NOW)
    line = order.lines.get()
    given = {"line_ulid": line.ulid, "member": buyer, "now": NOW, "stars": 2, "text": "一般"}
    with pytest.raises(services.ReviewClosed):
        services.write_review(**given)  # not there yet
    from tenant_apps.orders import services as orders

    orders.receive_order(order_ulid=order.ulid, actor="system", now=NOW)
    for wrong, error in (
        ({"member": stranger}, NotFound),
        ({"stars": 0}, InvalidInput),
        ({"stars": 6}, InvalidInput),
        ({"text": "x" * 501}, InvalidInput),
        ({"photos": [(b"<svg/>", "image/svg+xml")]}, ImageRefused),
        ({"photos": [photo()] * 7}, InvalidInput),
        ({"now": NOW + 90 * DAY}, services.ReviewClosed),
    ):
        with pytest.raises(error):
            services.write_review(**{**given, **wrong})
    assert not Review.objects.exists() and Seller.objects.get(pk=shop.pk).score_ppm == 1_000_000
    review = services.write_review(**given, photos=[photo()])
    assert b"SecretCamera" not in services.read_photo(review, review.photos[0])
    with pytest.raises(services.AlreadyReviewed):
        services.write_review(**given)
    assert Seller.objects.get(pk=shop.pk).score_ppm == rules.score_ppm(1, 2) == 945_454
    for who, error in ((stranger, NotFound), (buyer, InvalidInput)):
        with pytest.raises(error):
            services.follow_up(review_ulid=review.ulid, member=who, text="  ", now=NOW) if who == buyer else (
                services.follow_up(review_ulid=review.ulid, member=who, text="x", now=NOW)
            )
    services.follow_up(review_ulid=review.ulid, member=buyer, text="一个月后仍好", now=NOW + 30 * DAY)
    with pytest.raises(services.AlreadyReviewed):
        services.follow_up(review_ulid=review.ulid, member=buyer, text="再说", now=NOW + 31 * DAY)
    reply = {"review_ulid": review.ulid, "actor": "member:x", "text": "谢谢", "now": NOW}
    with pytest.raises(NotFound):
        services.reply_to_review(**reply, seller_ulid="01ANOTHER")
    services.reply_to_review(**reply, seller_ulid=shop.ulid)
    with pytest.raises(services.AlreadyReviewed):
        services.reply_to_review(**reply)
    with pytest.raises(InvalidInput):
        services.hide_review(review_ulid=review.ulid, actor=make.CLERK, reason=" ", now=NOW)
    services.hide_review(review_ulid=review.ulid, actor=make.CLERK, reason="广告", now=NOW)
    assert Seller.objects.get(pk=shop.pk).score_ppm == 1_000_000
    assert selectors.summary(line.product_ulid).count == 0
    services.show_review(review_ulid=review.ulid, actor=make.CLERK, now=NOW)
    found = selectors.summary(line.product_ulid)
    assert (found.count, found.average, [one.pk for one in found.newest]) == (1, "2.0", [review.pk])
    assert Seller.objects.get(pk=shop.pk).score_ppm == 945_454
    assert list(AuditRecord.objects.filter(action__startswith="review.").values_list("action", flat=True)) == [
        "review.answered", "review.hidden", "review.shown",
    ]  # fmt: skip


def test_the_pages_of_a_review(grocery):
    buyer, owner = make_member(name="李小满"), make_member()
    shop = shops.opened(name="甲", owner=owner.ulid)
    sku = shops.goods(shop, price=6_000, title="龙井")
    order = make.received(buyer, (sku, 1))
    line = order.lines.get()
    shopper, seller, anybody = signed_in(buyer.user), signed_in(owner.user), MallClient()
    clerk = signed_in(make_staff(Role.ORDERS))
    page, product = f"/orders/{order.ulid}/review/{line.ulid}", f"/p/{line.product_ulid}"
    assert page in shopper.get(f"/orders/{order.ulid}").content.decode()
    assert "No reviews yet" in anybody.get(product, **ENGLISH).content.decode()
    assert seller.get(page).status_code == 404 and seller.post(page, {"stars": "5"}).status_code == 404
    wrong = shopper.post(page, {"stars": "", "text": "很好喝"}, **ENGLISH)
    assert wrong.status_code == 422 and "one to five stars" in wrong.content.decode()
    assert "很好喝" in wrong.content.decode() and not Review.objects.exists()
    content, _kind = photo()
    upload = io.BytesIO(content)
    upload.name = "a.jpg"
    assert shopper.post(page, {"stars": "4", "text": "很好喝", "photos": upload}).status_code == 302
    review = Review.objects.get()
    for address in (product, f"{product}/reviews", f"{product}/reviews?show=photos", f"{product}/reviews?show=4"):
        text = anybody.get(address, **ENGLISH).content.decode()
        assert "很好喝" in text and "李**" in text.replace("李*满", "李**") and "李小满" not in text, address
    assert "很好喝" not in anybody.get(f"{product}/reviews?show=5").content.decode()
    picture = f"/reviews/{review.ulid}/photo/{review.photos[0]}"
    assert anybody.get(picture)["Content-Type"] == "image/jpeg" and anybody.get(picture[:-2] + "XX").status_code == 404
    assert "很好喝" in shopper.get("/reviews", **ENGLISH).content.decode()
    shelf = f"/seller/{shop.ulid}/reviews"
    assert shopper.get(shelf).status_code == 404
    assert shopper.post(f"{shelf}/{review.ulid}/reply", {"reply": "x"}).status_code == 404
    assert "很好喝" in seller.get(shelf, **ENGLISH).content.decode()
    seller.post(f"{shelf}/{review.ulid}/reply", {"reply": "谢谢光临"})
    assert "谢谢光临" in anybody.get(product).content.decode()
    listed = clerk.get("/backoffice/reviews/?state=all", **ENGLISH).content.decode()
    assert "很好喝" in listed and "谢谢光临" in listed
    step = f"/backoffice/reviews/{review.ulid}/step"
    clerk.post(step, {"step": "hide", "reason": ""})
    assert Review.objects.get().hidden_at is None
    clerk.post(step, {"step": "hide", "reason": "含广告"})
    assert "很好喝" not in anybody.get(product).content.decode() and anybody.get(picture).status_code == 404
    assert shopper.get(picture).status_code == clerk.get(picture).status_code == 200
    assert "含广告" in shopper.get(page, **ENGLISH).content.decode()
    assert clerk.post(step, {"step": "nothing"}).status_code == 404


def test_favourites_and_what_was_seen_are_bounded_and_ones_own(grocery):
    member, other = make_member(), make_member()
    shop = shops.opened(name="乙行")
    sku, second = shops.goods(shop, title="龙井"), catalog.single(title="赣南脐橙")
    mine, foreign = signed_in(member.user), signed_in(other.user)
    for address in ("/favourites", "/seen", "/reviews"):
        assert mine.get(address, **ENGLISH).status_code == 200
        assert MallClient().get(address).status_code == 302
    product = sku.product.ulid
    assert MallClient().post(f"/p/{product}/seen").status_code == 204
    for one in (product, second.product.ulid, product):
        assert mine.post(f"/p/{one}/seen", **ENGLISH).status_code == 200
    assert Shelf.objects.get(member=member).history == [product, second.product.ulid]
    assert "Seller kept" not in mine.post(f"/p/{product}/seen", **ENGLISH).content.decode()
    mine.post("/favourites/switch", {"product": product})
    mine.post("/favourites/switch", {"seller": shop.ulid})
    assert mine.post("/favourites/switch", {"product": "01UNKNOWN"}).status_code == 404
    kept = mine.get("/favourites", **ENGLISH).content.decode()
    assert "龙井" in kept and "乙行" in kept and "赣南脐橙" not in kept
    assert "龙井" not in foreign.get("/favourites").content.decode()
    assert "赣南脐橙" in mine.get("/seen").content.decode()
    assert "Seller kept" in mine.post(f"/p/{product}/seen", **ENGLISH).content.decode()
    mine.post("/favourites/switch", {"product": product})
    mine.post("/seen/clear")
    shelf = Shelf.objects.get(member=member)
    assert (shelf.products, shelf.sellers, shelf.history) == ([], [shop.ulid], [])
    Shelf.objects.filter(pk=shelf.pk).update(history=[f"01{number:024}" for number in range(100)])
    services.note_seen(member=member, product_ulid=product)
    shelf.refresh_from_db()
    assert len(shelf.history) == 100 and shelf.history[0] == product

    class Closed:
        payload = {"member": member.ulid}

    on_member_closed(Closed())
    assert not Shelf.objects.filter(member=member).exists()
