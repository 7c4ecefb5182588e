"""The pages of couriers: a store's, staff's, the shopper's, the account's, and the door for callbacks."""

import json

import pytest
from django.utils import translation

from saas.identity.roles import Role
from tenant_apps.courier import services as courier
from tenant_apps.courier.models import CourierAccount, CourierNotice, Errand
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in as staff_in
from tests.tenant_apps.courier.conftest import NOW, bought
from tests.tenant_apps.storefront.test_buying_pages import signed_in

EN = {"HTTP_ACCEPT_LANGUAGE": "en"}
CALL = {"step": "service", "weight": "2.5", "latitude": "23.13", "longitude": "113.265", "note": "side door"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def text(answer):
    return answer.content.decode()


def test_a_store_calls_follows_and_calls_off_and_the_shopper_sees_who_comes(store, dada):
    keeper = signed_in(store.owner)
    here = f"/seller/{store.ulid}/errands"
    assert "Nothing is to be brought" in text(keeper.get(here, **EN)) and "Orders to bring" in text(
        keeper.get("/seller", **EN)
    )
    order = bought(store)
    page = f"{here}/{order.ulid}"
    assert "no courier yet" in text(keeper.get(here, **EN))
    assert 'value="23.130000"' in text(keeper.get(page, **EN))  # as the shopper shared it
    assert "The service asks ¥6.50 for 1.8 km." in text(keeper.post(page, CALL | {"step": "quote"}, **EN))
    for change, field in (
        ({"weight": "x"}, "weight"),
        ({"latitude": "91"}, "latitude"),
        ({"latitude": ""}, "latitude"),
    ):
        refused = keeper.post(page, CALL | change, **EN)
        assert (
            refused.status_code == 422 and f'name="{field}"' in text(refused) and 'aria-invalid="true"' in text(refused)
        )
    assert not Errand.objects.exists()
    for stranger in (signed_in(make_member()), signed_in(order.member)):
        assert stranger.get(page).status_code == 404 and stranger.post(page, CALL).status_code == 404
    assert keeper.post(page, CALL, **EN).status_code == 302
    errand = Errand.objects.get()
    assert (errand.state, errand.called_by, errand.task["weight_grams"]) == (
        "waiting",
        f"member:{store.owner.ulid}",
        2_500,
    )
    assert keeper.post(page, CALL, **EN).status_code == 409
    dada.step(errand.number, "accept")
    keeper.post(page, {"step": "ask", "errand": errand.ulid}, **EN)
    shopper = signed_in(order.member)
    seen = text(shopper.get(f"/orders/{order.ulid}", **EN))
    assert "达小骑" in seen and "13900001234" in seen and "a rider is coming" in seen
    assert keeper.post(page, {"step": "cancel", "errand": errand.ulid, "reason": ""}, **EN).status_code == 422
    assert keeper.post(page, {"step": "cancel", "errand": "nobody", "reason": "x"}, **EN).status_code == 404
    assert keeper.post(page, {"step": "cancel", "errand": errand.ulid, "reason": "too slow"}, **EN).status_code == 302
    assert "called off" in text(keeper.get(page, **EN)) and "¥2.00" in text(keeper.get(page, **EN))
    own = {"step": "own", "rider_name": "小王", "rider_phone": "13800000001"}
    assert keeper.post(page, own, **EN).status_code == 302
    mine = Errand.objects.latest("pk")
    for step in ("carrying", "delivered"):
        assert keeper.post(page, {"step": step, "errand": mine.ulid}, **EN).status_code == 302
    assert "小王" in text(shopper.get(f"/orders/{order.ulid}", **EN))
    assert keeper.post(page, {"step": "carrying", "errand": mine.ulid}, **EN).status_code == 409


def test_staff_call_and_see_all_errands(store, dada):
    clerk, goods = staff_in(make_staff(Role.ORDERS)), staff_in(make_staff(Role.GOODS))
    assert "No courier has been called yet" in text(clerk.get("/backoffice/couriers/", **EN))
    order = bought(store, own=False)
    page = f"/backoffice/orders/{order.ulid}/courier"
    assert page in text(clerk.get(f"/backoffice/orders/{order.ulid}", **EN))
    assert goods.get(page).status_code == 403
    assert "The service asks ¥6.50" in text(clerk.post(page, CALL | {"step": "quote"}, **EN))
    assert clerk.post(page, CALL | {"weight": "0"}, **EN).status_code == 422
    assert clerk.post(page, CALL, **EN).status_code == 302
    assert "waiting for a rider" in text(clerk.get(page, **EN))
    for address in ("/backoffice/couriers/", "/backoffice/couriers/?open=1"):
        assert order.number in text(clerk.get(address, **EN)), address


def test_the_account_is_entered_tried_and_taken_off(store, dada, settings):
    owner = staff_in(make_staff(Role.OWNER))
    here = "/backoffice/couriers/account"
    shown = text(owner.get(here, **EN))
    row = CourierAccount.objects.get(active=True)
    assert "connected" in shown and row.app_key in shown and row.app_secret_sealed not in shown
    form = {"step": "store", "source_id": row.source_id, "app_key": row.app_key, f"shop-{store.ulid}": "42"}
    refused = owner.post(here, form | {"app_secret": "wrong"}, **EN)
    assert refused.status_code == 422 and "签名错误" in text(refused) and CourierAccount.objects.count() == 1
    assert owner.post(here, form, **EN).status_code == 302
    assert CourierAccount.objects.get(active=True).shops == {store.ulid: "42"}
    assert owner.post(here, {"step": "disconnect"}, **EN).status_code == 302
    assert "not connected" in text(owner.get(here, **EN))
    assert owner.post(here, {"step": "sandbox", f"shop-{store.ulid}": "7"}, **EN).status_code == 302
    settings.ENVIRONMENT = "production"
    assert owner.post(here, {"step": "sandbox"}, **EN).status_code == 404


def test_the_door_for_callbacks(store, dada, request):
    order = bought(store)
    errand = courier.call_service(
        order_ulid=order.ulid, weight_grams=1, position=(1, 1), note="", actor="user:clerk", now=NOW
    )
    token, body = errand.account.notify_token, dada.callback(errand.number)

    def told(content, *, at=token, client=None):
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        return (
            (client or MallClient())
            .post(f"/notify-courier/dada/{at}", raw, content_type="application/json")
            .status_code
        )

    assert told(b"{") == told({**body, "signature": "0" * 32}) == 401
    assert told(body, at="x" * 43) == 404 and not CourierNotice.objects.exists()
    assert told(body) == told(body) == 200 and CourierNotice.objects.count() == 1
    foreign = MallClient("beauty.localhost")
    request.getfixturevalue("beauty")
    assert told(body, client=foreign) == 404  # another mall knows neither the address nor the order
    assert MallClient().get(f"/notify-courier/dada/{token}").status_code in (404, 405)
