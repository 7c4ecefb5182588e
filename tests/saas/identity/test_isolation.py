"""T3: whatever a person holds from mall A is worth nothing at mall B. And parts of T2: hosts and credentials."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.signing import BadSignature
from django.db import connection

from saas.identity import services, tokens
from saas.identity.models import User
from saas.identity.services.codes import CodeSpent
from saas.messaging.notices.models import Notice
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.selectors import mall_by_host
from tests.factories.people import NOW, make_user, next_phone
from tests.saas.identity.conftest import last_code


@pytest.fixture
def other(grocery):
    """The beauty mall, to be entered within a test."""
    return mall_by_host("beauty.localhost")


def test_session_of_one_mall_is_unknown_in_the_other(grocery, other, browser):
    client, phone = browser(), next_phone()
    client.post("/auth/code/", {"target": phone, "agree": "on"})
    client.post("/auth/code/confirm/", {"code": last_code(phone)})
    cookie = client.cookies["sessionid"]
    assert cookie["domain"] == "" and cookie["httponly"]
    foreign = browser("beauty")
    foreign.cookies["sessionid"] = cookie.value
    assert foreign.get("/auth/password/change/").status_code == 302
    assert foreign.get("/auth/code/").status_code == 200
    assert browser().get("/auth/code/", HTTP_COOKIE=f"sessionid={cookie.value}").status_code == 302


def test_code_of_one_mall_does_not_fit_in_the_other(grocery, other):
    phone = next_phone()
    ulid = services.send_code(purpose="sign_in", target=phone, ip="10.0.0.1", now=NOW)
    code = last_code(phone)
    with in_mall(other):
        with pytest.raises(CodeSpent):
            services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW)
        assert Notice.objects.count() == 0
    assert services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW) == phone


def test_code_row_copied_into_the_other_mall_still_does_not_fit(grocery, other):
    from saas.identity.models import SignInCode
    from saas.identity.services.codes import WrongCode

    phone = next_phone()
    ulid = services.send_code(purpose="sign_in", target=phone, ip="10.0.0.1", now=NOW)
    code, row = last_code(phone), SignInCode.objects.get(ulid=ulid)
    with in_mall(other):
        row.pk = None
        row.save(force_insert=True)
        with pytest.raises(WrongCode):
            services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW)


def test_limits_of_one_mall_do_not_bind_the_other(grocery, other):
    phone = next_phone()
    services.send_code(purpose="sign_in", target=phone, ip="10.0.0.1", now=NOW)
    with in_mall(other):
        services.send_code(purpose="sign_in", target=phone, ip="10.0.0.1", now=NOW)
        assert Notice.objects.filter(to_phone=phone).count() == 1


def test_password_reset_token_is_bound_to_its_mall(grocery, other, browser):
    make = tokens.MallPasswordResetTokens()
    user = User.objects.create_user(email="both@example.com", password="a good long one")
    token = make.make_token(user)
    with in_mall(other):
        assert not make.check_token(user, token)  # even for the very same row
        twin = User.objects.create_user(email="both@example.com", password="a good long one")
        twin_pk = twin.pk
    assert make.check_token(user, token)
    assert not default_token_generator.check_token(user, token)
    key = f"/auth/password/reset/key/{_uid(twin_pk)}-{token}/"
    page = browser("beauty").get(key, follow=True).content.decode()
    assert "password1" not in page


def _uid(pk: int) -> str:
    from allauth.account.utils import user_pk_to_url_str

    return user_pk_to_url_str(User(pk=pk))


@pytest.mark.parametrize("purpose", ["invitation", "referral"])
def test_signed_value_is_a_forgery_elsewhere(grocery, other, purpose):
    signed = tokens.mall_signer(purpose).sign("value")
    assert tokens.mall_signer(purpose).unsign(signed) == "value"
    with pytest.raises(BadSignature):
        tokens.mall_signer("another").unsign(signed)
    with in_mall(other), pytest.raises(BadSignature):
        tokens.mall_signer(purpose).unsign(signed)


def test_signing_without_a_mall_is_an_error(grocery):
    connection.set_trap()
    try:
        with pytest.raises(RuntimeError):
            tokens.mall_signer("referral")
    finally:
        connection.set_tenant(grocery)


def test_same_phone_in_two_malls_is_two_people(grocery, other):
    phone = next_phone()
    here = make_user(phone=phone, password="a good long one")
    with in_mall(other):
        there = make_user(phone=phone)
        assert there.public_id != here.public_id and not there.check_password("a good long one")


@pytest.mark.parametrize("host", ["unknown.localhost", "127.0.0.1", "public", ""])
def test_unknown_host_is_404_for_every_auth_page(grocery, host, browser):
    client = browser()
    client.defaults["HTTP_HOST"] = host
    for path in ("/auth/code/", "/auth/login/", "/_mailbox", "/enter/x"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("host", ["GROCERY.localhost", "grocery.localhost.", "grocery.localhost:8100"])
def test_spellings_of_a_host_are_the_same_mall_and_forwarded_host_is_not_believed(grocery, host, browser):
    phone = next_phone()
    client = browser()
    client.defaults["HTTP_HOST"] = host
    answer = client.post("/auth/code/", {"target": phone, "agree": "on"}, HTTP_X_FORWARDED_HOST="beauty.localhost")
    assert answer.status_code == 302
    assert Notice.objects.filter(to_phone=phone).count() == 1
