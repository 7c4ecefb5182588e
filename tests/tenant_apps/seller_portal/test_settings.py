"""A shop's own settings: what shoppers read, a vacation that ends by itself, another account with a day's wait."""

import datetime as dt

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.clock import china_date
from saas.messaging.notices.models import Notice
from tenant_apps.sellers import payees, selectors, services, tasks
from tenant_apps.sellers.services.payees import PayeeCooling, check_cooled
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.catalog import picture
from tests.factories.people import make_member, make_staff

NOW = clock.now()
ACCOUNT = {
    "payee_name": "杭州西湖茶行有限公司",
    "payee_bank": "中国银行西湖支行",
    "payee_account": "6216 6101 0001 6587 010",
}


def browse(user):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def shop(grocery, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return sold.opened(owner=make_member(name="店主").ulid, now=NOW)


@pytest.fixture
def owner(shop):
    return browse(shop.owner.user)


def test_shoppers_read_name_notice_telephone_and_logo(shop, owner):
    page = f"/seller/{shop.ulid}/settings"
    for given, said in (
        ({"name": " "}, "A name has 1 to 60 characters."),
        ({"name": "茶行", "notice": "买一返三，稳赚不赔"}, "rule 9"),
        ({"name": "茶行", "phone": "call me"}, "A telephone number has"),
    ):
        answer = owner.post(page, {"step": "profile", **given})
        assert answer.status_code == 422 and said in answer.content.decode(), given
    shop.refresh_from_db()
    assert (shop.name, shop.profile) == ("西湖茶行", {})
    owner.post(page, {"step": "profile", "name": "西湖茶庄", "notice": "周日休息", "phone": "0571-8888 0000"})
    owner.post(page, {"step": "logo", "logo": SimpleUploadedFile("l.png", picture((300, 300), "PNG"), "image/png")})
    shown = MallClient(HTTP_ACCEPT_LANGUAGE="en").get(f"/s/{shop.code}").content.decode()
    assert "西湖茶庄" in shown and "周日休息" in shown and 'href="tel:0571-8888 0000"' in shown
    shop.refresh_from_db()
    assert shop.profile["logo"] in shown
    assert AuditRecord.objects.filter(target=f"seller:{shop.ulid}", action="seller.profile").count() == 1


def test_a_vacation_closes_the_shop_and_ends_by_itself(shop, owner):
    page, today = f"/seller/{shop.ulid}/settings", china_date(NOW)
    for until in ("", (today - dt.timedelta(days=1)).isoformat(), (today + dt.timedelta(days=91)).isoformat()):
        assert owner.post(page, {"step": "vacation", "until": until}).status_code == 422
    owner.post(page, {"step": "vacation", "until": (today + dt.timedelta(days=2)).isoformat()})
    shop.refresh_from_db()
    assert (shop.state, selectors.terms([shop.ulid], now=NOW)[shop.ulid].sells) == ("paused", False)
    assert "on vacation up to and with" in MallClient(HTTP_ACCEPT_LANGUAGE="en").get(f"/s/{shop.code}").content.decode()
    tasks.look_after_deposits(now=NOW + dt.timedelta(days=2))
    shop.refresh_from_db()
    assert shop.state == "paused"
    tasks.look_after_deposits(now=NOW + dt.timedelta(days=3))
    shop.refresh_from_db()
    assert (shop.state, shop.profile) == ("active", {})
    owner.post(page, {"step": "vacation", "until": today.isoformat()})
    owner.post(page, {"step": "back"})
    shop.refresh_from_db()
    assert shop.state == "active"
    services.pause_seller(ulid=shop.ulid, actor="user:clerk", reason="投诉", now=NOW)
    assert owner.post(page, {"step": "back"}).status_code == 422  # the mall's own pause is the mall's to end
    shop.refresh_from_db()
    assert shop.state == "paused"
    assert "only the mall can open it" in owner.get(page).content.decode()


def test_another_account_is_asked_for_looked_at_and_cools(shop, owner):
    page = f"/seller/{shop.ulid}/settings"
    assert "No account yet." in owner.get(page).content.decode()
    assert owner.post(page, {"step": "payee", **ACCOUNT, "payee_account": "12x"}).status_code == 422
    owner.post(page, {"step": "payee", **ACCOUNT})
    shop.refresh_from_db()
    assert payees.payee_of(shop) is None and payees.wish_of(shop).account == "6216610100016587010"
    assert "6216610100016587010" not in str(shop.payee)  # sealed
    assert Notice.objects.filter(kind="payee_asked").count() == 1
    shown = owner.get(page).content.decode()
    assert "**** 7010" in shown and "6216610100016587010" not in shown
    goods, finance = browse(make_staff(Role.GOODS)), browse(make_staff(Role.FINANCE))
    staff_page, step = f"/backoffice/sellers/{shop.ulid}", f"/backoffice/sellers/{shop.ulid}/step"
    assert "6216610100016587010" in finance.get(staff_page).content.decode()
    seen = shop.payee["wish"]["at"]
    assert goods.post(step, {"step": "payee", "seen": seen}).status_code == 403
    finance.post(step, {"step": "no_payee", "seen": seen})  # a refusal needs its reason
    finance.post(step, {"step": "payee", "seen": "another"})
    shop.refresh_from_db()
    assert shop.payee["wish"]["at"] == seen
    finance.post(step, {"step": "no_payee", "seen": seen, "reason": "户名与执照不符"})
    shop.refresh_from_db()
    assert (payees.wish_of(shop), payees.payee_of(shop)) == (None, None)
    assert "户名与执照不符" in owner.get(page).content.decode()
    owner.post(page, {"step": "payee", **ACCOUNT})
    shop.refresh_from_db()
    finance.post(step, {"step": "payee", "seen": shop.payee["wish"]["at"]})
    shop.refresh_from_db()
    assert payees.payee_of(shop).masked == "**** 7010" and payees.wish_of(shop) is None
    changed = dt.datetime.fromisoformat(shop.payee["changed_at"])
    with pytest.raises(PayeeCooling):
        check_cooled(shop, now=changed + dt.timedelta(hours=23, minutes=59))
    check_cooled(shop, now=changed + dt.timedelta(hours=24))
    owner.post(page, {"step": "payee", **ACCOUNT, "payee_account": "62281234"})
    owner.post(page, {"step": "payee_withdraw"})
    shop.refresh_from_db()
    assert payees.wish_of(shop) is None and payees.payee_of(shop).masked == "**** 7010"
