"""Signing in through the pages: code, password, sign out; nobody learns who has an account."""

import datetime as dt

import pytest

from saas.identity.models import AuditRecord, SignInCode, User
from saas.kernel import clock
from saas.messaging.notices.models import Notice
from tenant_apps.members.models import Member
from tests.factories.people import make_member, make_user, next_phone
from tests.saas.identity.conftest import last_code


def ask(client, phone, **extra):
    return client.post("/auth/code/", {"target": phone, "agree": "on", **extra})


def enter(client, phone, **extra):
    assert ask(client, phone, **extra).status_code == 302
    return client.post("/auth/code/confirm/", {"code": last_code(phone)})


def test_new_number_becomes_user_and_member_with_consent_recorded(grocery, browser):
    client, phone = browser(), next_phone()
    assert ask(client, phone.removeprefix("+86"), next="/cart").status_code == 302
    answer = client.post("/auth/code/confirm/", {"code": last_code(phone)})
    assert (answer.status_code, answer["Location"]) == (302, "/cart")
    user = User.objects.get(phone=phone)
    assert user.phone_verified and not user.has_usable_password()
    assert set(user.agreements) == {"terms", "privacy"}
    assert AuditRecord.objects.filter(action="agreement.accepted", target=f"user:{user.public_id}").count() == 1
    assert Member.objects.filter(user=user).count() == 1
    assert client.get("/auth/code/").status_code == 302  # signed in


def test_referral_survives_the_sign_in(grocery, browser):
    referrer = make_member()
    rival = make_member()
    client, phone = browser(), next_phone()
    client.get(f"/auth/code/?r={referrer.share_code}")
    client.get(f"/auth/code/?r={rival.share_code}&next=/p/1")
    enter(client, phone, next="/p/1")
    assert Member.objects.get(user__phone=phone).referrer_id == referrer.pk


def test_forged_referral_cookie_is_ignored(grocery, browser):
    client, phone = browser(), next_phone()
    client.cookies["referral"] = f"{make_member().share_code}:1abcde:forged"
    enter(client, phone)
    assert Member.objects.get(user__phone=phone).referrer is None


def test_without_consent_nothing_is_sent(grocery, browser):
    phone = next_phone()
    answer = browser().post("/auth/code/", {"target": phone})
    assert answer.status_code == 422
    assert not Notice.objects.filter(to_phone=phone).exists()


def test_known_and_unknown_numbers_are_answered_alike(grocery, browser):
    known, unknown = make_user().phone, next_phone()
    answers = []
    for phone in (known, unknown):
        client = browser()
        first = ask(client, phone)
        page = client.get("/auth/code/confirm/").content.decode().replace(phone.removeprefix("+86"), "PHONE")
        page = "".join(line for line in page.splitlines() if "csrf" not in line)
        wrong = client.post("/auth/code/confirm/", {"code": "000000" if last_code(phone) != "000000" else "000001"})
        answers.append((first.status_code, first["Location"], page, wrong.status_code))
    assert answers[0] == answers[1]
    assert [Notice.objects.filter(to_phone=p).count() for p in (known, unknown)] == [1, 1]


def test_password_refusals_and_reset_answers_are_alike(grocery, browser):
    User.objects.create_user(email="known@example.com", password="a good long one")
    pages = []
    for email in ("known@example.com", "nobody@example.com"):
        client = browser()
        refused = client.post("/auth/login/", {"login": email, "password": "wrong wrong"})
        text = "".join(x for x in refused.content.decode().replace(email, "E").splitlines() if "csrf" not in x)
        reset = client.post("/auth/password/reset/", {"email": email})
        pages.append((refused.status_code, text, reset.status_code, reset["Location"]))
    assert pages[0] == pages[1]


def test_code_asked_in_one_browser_is_worth_nothing_in_another(grocery, browser):
    phone = next_phone()
    ask(browser(), phone)
    thief = browser()
    assert thief.post("/auth/code/confirm/", {"code": last_code(phone)})["Location"] == "/auth/code/"
    ask(thief, next_phone())
    assert thief.post("/auth/code/confirm/", {"code": last_code(phone)}).status_code == 422
    assert not User.objects.filter(phone=phone).exists()


def test_replayed_code_signs_nobody_in(grocery, browser):
    client, phone = browser(), next_phone()
    ask(client, phone)
    code, session = last_code(phone), client.session["identity.code"]
    client.post("/auth/code/confirm/", {"code": code})
    client.post("/auth/logout/")
    again = client.session
    again["identity.code"] = session
    again.save()
    answer = client.post("/auth/code/confirm/", {"code": code})
    assert answer["Location"] == "/auth/code/" and "_auth_user_id" not in client.session


def test_stale_code_asks_for_a_new_one(grocery, browser):
    client, phone = browser(), next_phone()
    ask(client, phone, next="/cart")
    SignInCode.objects.filter(target=phone).update(expires_at=clock.now() - dt.timedelta(seconds=1))
    answer = client.post("/auth/code/confirm/", {"code": last_code(phone)})
    assert answer["Location"] == "/auth/code/?next=%2Fcart"
    assert not User.objects.filter(phone=phone).exists()


def test_five_wrong_codes_in_the_browser_end_the_code(grocery, browser):
    client, phone = browser(), next_phone()
    ask(client, phone)
    right = last_code(phone)
    wrong = "111111" if right != "111111" else "222222"
    statuses = [client.post("/auth/code/confirm/", {"code": wrong}).status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 302]
    assert client.post("/auth/code/confirm/", {"code": right})["Location"] == "/auth/code/"
    assert not User.objects.filter(phone=phone).exists()


def test_second_request_within_a_minute_is_refused_with_the_reason(grocery, browser):
    client, phone = browser(), next_phone()
    ask(client, phone)
    assert ask(client, phone).status_code == 429
    assert Notice.objects.filter(to_phone=phone).count() == 1


def test_password_signs_in_by_phone_and_by_email(grocery, browser):
    make_user(phone="+8613900001111", email="pw@example.com", password="a good long one")
    for login in ("139 0000 1111", "PW@example.com"):
        client = browser()
        answer = client.post("/auth/login/?next=/orders", {"login": login, "password": "a good long one"})
        assert (answer.status_code, answer["Location"]) == (302, "/orders")


def test_five_wrong_passwords_lock_the_key_for_five_minutes(grocery, browser):
    make_user(phone="+8613900001112", password="a good long one")
    client = browser()
    for _ in range(5):
        client.post("/auth/login/", {"login": "13900001112", "password": "wrong wrong"})
    answer = client.post("/auth/login/", {"login": "13900001112", "password": "a good long one"})
    assert answer.status_code == 200 and "_auth_user_id" not in client.session
    make_user(phone="+8613900001113", password="a good long one")
    assert client.post("/auth/login/", {"login": "13900001113", "password": "a good long one"}).status_code == 302


def test_new_session_at_sign_in_and_none_after_sign_out(grocery, browser):
    client, phone = browser(), next_phone()
    ask(client, phone)
    before = client.session.session_key
    client.post("/auth/code/confirm/", {"code": last_code(phone)})
    inside = client.session.session_key
    assert inside != before
    client.post("/auth/logout/")
    assert client.session.session_key != inside and "_auth_user_id" not in client.session


def test_foreign_next_is_not_followed(grocery, browser):
    client, phone = browser(), next_phone()
    assert enter(client, phone, next="https://evil.example/")["Location"] == "/me"


def test_password_can_be_set_after_a_code_and_reset_by_mail(grocery, browser):
    client = browser()
    enter(client, "set@example.com")
    client.post("/auth/password/set/", {"password1": "a good long one", "password2": "a good long one"})
    assert User.objects.get(email="set@example.com").check_password("a good long one")
    fresh = browser()
    fresh.post("/auth/password/reset/", {"email": "set@example.com"})
    body = Notice.objects.filter(kind="password_reset").latest("pk").body
    path = next(w for w in body.split() if "/auth/password/reset/key/" in w).split("localhost", 1)[1]
    form = fresh.get(path, follow=True)
    fresh.post(form.request["PATH_INFO"], {"password1": "another long one", "password2": "another long one"})
    assert User.objects.get(email="set@example.com").check_password("another long one")


def test_phone_is_changed_by_a_code_to_the_new_number(grocery, browser):
    client, phone, wanted = browser(), next_phone(), next_phone()
    enter(client, phone)
    client.post("/auth/phone/", {"phone": wanted, "next": "/me"})
    assert client.post("/auth/phone/confirm/", {"code": last_code(wanted)})["Location"] == "/me"
    assert not User.objects.filter(phone=phone).exists() and User.objects.filter(phone=wanted).exists()


def test_taken_number_is_refused_only_after_the_code(grocery, browser):
    client, phone, taken = browser(), next_phone(), make_user().phone
    enter(client, phone)
    assert client.post("/auth/phone/", {"phone": taken})["Location"] == "/auth/phone/confirm/"
    client.post("/auth/phone/confirm/", {"code": last_code(taken)})
    assert User.objects.filter(phone=phone).exists()


@pytest.mark.parametrize(
    "path",
    [
        "/auth/code/",
        "/auth/login/",
        "/auth/signup/",
        "/auth/password/reset/",
        "/auth/password/reset/done/",
        "/auth/inactive/",
    ],
)
def test_pages_render_for_strangers(grocery, browser, path):
    assert browser().get(path).status_code == 200


def test_closed_account_cannot_come_back_by_session(grocery, browser):
    from tenant_apps.members import services
    from tests.factories.people import NOW

    client, phone = browser(), next_phone()
    enter(client, phone)
    services.close_account(member=Member.objects.get(user__phone=phone), now=NOW)
    assert client.get("/auth/code/").status_code == 200
