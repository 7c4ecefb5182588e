"""A case over HTTP: the shopper's phone pages and the console's queue, step by step, to the refund."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from saas.identity.roles import Role
from tests.factories import catalog, orders
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff


def signed_in(user):
    client = MallClient()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.mark.parametrize("service", ["return_refund", "exchange"])
def test_a_case_from_the_phone_to_its_end(grocery, service):
    buyer = make_member(name="李小满")
    shopper, stranger = signed_in(buyer.user), signed_in(make_member().user)
    clerk = signed_in(make_staff(Role.ORDERS, name="Clerk"))
    order = orders.received(buyer, (catalog.single(), 2))
    line = order.lines.get()
    assert 'value="exchange"' in shopper.get(f"/orders/{order.ulid}/refund").content.decode()
    shopper.post(
        f"/orders/{order.ulid}/refund",
        {
            "service": service,
            "line": line.ulid,
            f"quantity-{line.ulid}": "1",
            "reason": "坏果",
            "photos": SimpleUploadedFile("a.jpg", catalog.picture((300, 200)), "image/jpeg"),
        },
    )
    case = order.refunds.get()
    page, photo = f"/orders/{order.ulid}/cases/{case.ulid}", case.evidence[0]
    step = reverse("backoffice:case_step", args=[case.ulid])
    detail = reverse("backoffice:refund", args=[case.ulid])

    def shown(*words):
        for browser, where in ((shopper, page), (clerk, detail)):
            for language in ("zh-hans", "en"):
                answer = browser.get(where, HTTP_ACCEPT_LANGUAGE=language)
                assert answer.status_code == 200
                assert any(word in answer.content.decode() for word in words), (where, language)
        case.refresh_from_db()
        assert case.ulid in clerk.get(reverse("backoffice:cases") + f"?stage={case.stage}").content.decode()
        assert page in shopper.get(f"/orders/{order.ulid}").content.decode()

    shown("坏果")
    for browser, where in ((shopper, f"{page}/photo/{photo}"), (clerk, f"{detail}/photo/{photo}")):
        assert browser.get(where)["Content-Type"] == "image/jpeg"
        assert browser.get(where[:-3] + "XXX").status_code == 404
    for where in (page, f"{page}/photo/{photo}"):
        assert stranger.get(where).status_code == 404
    assert stranger.post(f"{page}/step", {"step": "withdraw"}).status_code == 404
    assert clerk.post(reverse("backoffice:refund_decide", args=[case.ulid]), {"step": "approve"}).status_code == 404
    clerk.post(step, {"step": "decline", "note": "看不清"})
    shown("看不清")
    shopper.post(f"{page}/step", {"step": "appeal", "note": "见照片"})
    shown("见照片")
    clerk.post(step, {"step": "rule", "outcome": "return", "note": "请退回", "freight_bearer": "seller"})
    shown("请退回")
    shopper.post(f"{page}/step", {"step": "send_back", "carrier": "顺丰", "number": "SF7654321"})
    shown("SF7654321")
    if service == "exchange":
        clerk.post(step, {"step": "replace", "carrier": "顺丰", "number": "SF8888888", "restock": "1"})
        shown("SF8888888")
        shopper.post(f"{page}/step", {"step": "confirm"})
    else:
        clerk.post(step, {"step": "accept", "restock": "1"})
    shown("坏果")
    order.refresh_from_db()
    ended = ("exchanged", "done", 0) if service == "exchange" else ("approved", "done", 1000)
    assert (case.state, case.stage, order.refunded_amount) == ended
    clerk.post(step, {"step": "accept", "restock": "1"})
    shopper.post(f"{page}/step", {"step": "withdraw"})
    case.refresh_from_db()
    assert (case.state, case.stage) == ended[:2]
