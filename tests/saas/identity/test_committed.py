"""The pages with real commits: outside a test's own transaction the cell refuses any write that has none (SCALE 4.6)."""

import pytest
from django.db import connection, transaction

from saas.identity import services
from saas.identity.models import User
from saas.identity.roles import Role, roles_of
from saas.identity.tokens import seal
from saas.kernel import clock
from saas.messaging.notices.models import Notice
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.selectors import mall_by_host
from tenant_apps.members.models import Address, Member
from tests.factories.browser import MallClient
from tests.factories.people import make_member, next_phone
from tests.saas.identity.conftest import last_code
from tests.tenant_apps.storefront.test_people_pages import FORM


@pytest.fixture
def mall(committed):
    with in_mall(mall_by_host("grocery.localhost")) as active:
        yield active
        connection.set_tenant(active)


def test_every_writing_page_commits(mall):
    """A shopper's and a staff member's whole first day, in one test: each fresh database costs a second."""
    with transaction.atomic():
        referrer = make_member(name="张三丰")
    shopper, phone, email = MallClient(), next_phone(), "day@example.com"
    shopper.get(f"/auth/code/?r={referrer.share_code}")
    assert shopper.post("/auth/code/", {"target": phone, "agree": "on"}).status_code == 302
    assert shopper.post("/auth/code/confirm/", {"code": "1"}).status_code == 422
    assert shopper.post("/auth/code/confirm/", {"code": last_code(phone)})["Location"] == "/me"
    member = Member.objects.get(user__phone=phone)
    assert member.referrer_id == referrer.pk
    pair = {"password1": "a good long one", "password2": "a good long one"}
    assert shopper.post("/auth/password/set/", pair).status_code == 302
    change = {"oldpassword": "a good long one", "password1": "another long one", "password2": "another long one"}
    assert shopper.post("/auth/password/change/", change).status_code == 302
    assert shopper.post("/me/profile", {"name": "小明"}).status_code == 302
    assert shopper.post("/me/addresses/new", FORM).status_code == 302
    address = Address.objects.get(member=member)
    assert shopper.post(f"/me/addresses/{address.ulid}", FORM).status_code == 302
    assert shopper.post(f"/me/addresses/{address.ulid}/remove").status_code == 302
    assert shopper.post("/team/promote").status_code == 302
    assert shopper.post("/team/object", {"reason": "why"}).status_code == 302
    assert shopper.get("/poster.png").status_code == 200
    assert shopper.post("/me/export").status_code == 200
    new_phone = next_phone()
    shopper.post("/auth/phone/", {"phone": new_phone})
    assert shopper.post("/auth/phone/confirm/", {"code": last_code(new_phone)}).status_code == 302
    assert shopper.post("/auth/logout/").status_code == 302
    wrong = {"login": new_phone, "password": "wrong wrong"}
    assert shopper.post("/auth/login/", wrong).status_code == 200
    assert shopper.post("/auth/login/", {**wrong, "password": "another long one"})["Location"] == "/me"

    owner = MallClient()
    payload = {"nonce": "n", "phone": "", "email": email, "name": "Owner", "vendor_user": "01V"}
    assert owner.get(f"/enter/{seal('hand_over', mall.ulid, payload)}")["Location"] == "/backoffice/"
    assert owner.get("/me").status_code == 200
    assert MallClient().post("/auth/password/reset/", {"email": email}).status_code == 302
    body = Notice.objects.get(kind="password_reset").body
    path = next(word for word in body.split() if "/auth/password/reset/key/" in word).split("localhost", 1)[1]
    fresh = MallClient()
    form = fresh.get(path, follow=True)
    assert fresh.post(form.request["PATH_INFO"], pair).status_code == 302
    assert User.objects.get(email=email).check_password("a good long one")

    clerk = next_phone()
    link = "http://grocery.localhost/auth/invitation/{token}"
    services.invite_staff(
        actor="user:O", phone=clerk, roles=[Role.GOODS], link=link, mall_name="Green Basket", now=clock.now()
    )
    token = Notice.objects.get(kind="staff_invitation").body.rsplit("/", 1)[1]
    invited = MallClient()
    answer = invited.post(f"/auth/invitation/{token}", {"name": "Li", "password": "a good long one"})
    assert answer["Location"] == "/backoffice/"
    assert roles_of(User.objects.get(phone=clerk)) == {Role.GOODS}

    assert shopper.post("/me/close", {"sure": "1"}).status_code == 302
    assert Member.objects.get(pk=member.pk).closed_at is not None
