"""A member's own pages: profile, addresses, team, poster, export, closing; another's are not found."""

import io
import json

import pytest
from django.conf import settings as django_settings
from PIL import Image

from saas.identity.models import AuditRecord
from tenant_apps.members import services
from tenant_apps.members.models import Address, Member
from tenant_apps.storefront import posters
from tests.factories.browser import MallClient
from tests.factories.catalog import single
from tests.factories.orders import paid
from tests.factories.people import NOW, make_member, make_user
from tests.tenant_apps.members.test_addresses import GOOD

FORM = {
    "name": GOOD.name,
    "phone": GOOD.phone,
    "province_code": "330000",
    "city_code": "330100",
    "district_code": "330106",
    "detail": GOOD.detail,
}
PAGES = ["/me", "/me/profile", "/me/addresses", "/me/addresses/new", "/me/close", "/team", "/poster", "/poster.png"]


@pytest.fixture
def member(grocery):
    return make_member(name="王小明")


@pytest.fixture
def browser(member):
    return signed_in(member)


def signed_in(member: Member) -> MallClient:
    client = MallClient()
    client.force_login(member.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_somebody_and_comes_back_after_the_sign_in(grocery, path):
    answer = MallClient().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/auth/code/?next={path}")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_opens_in_both_languages(browser, path, language):
    assert browser.get(path, HTTP_ACCEPT_LANGUAGE=language).status_code == 200


def test_signed_in_page_costs_session_and_one_statement_for_user_and_member(browser, django_assert_max_num_queries):
    browser.get("/me")
    with django_assert_max_num_queries(5) as seen:
        browser.get("/me/addresses")
    people = [q["sql"] for q in seen.captured_queries if "identity_user" in q["sql"]]
    assert len(people) == 1 and "members_member" in people[0]


def test_staff_without_member_becomes_one_when_needed(grocery):
    user = make_user(is_staff=True)
    client = MallClient()
    client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    assert client.get("/me").status_code == 200
    assert Member.objects.filter(user=user).count() == 1


def test_name_is_changed(browser, member):
    browser.post("/me/profile", {"name": "小明"})
    assert Member.objects.get(pk=member.pk).name == "小明"
    assert browser.post("/me/profile", {"name": ""}).status_code == 422
    assert Member.objects.get(pk=member.pk).name == "小明"


def test_address_is_added_changed_and_removed(browser, member):
    assert browser.post("/me/addresses/new", {**FORM, "next": "/checkout"})["Location"] == "/checkout"
    address = Address.objects.get(member=member)
    browser.post(f"/me/addresses/{address.ulid}", {**FORM, "detail": "另一条路 2 号"})
    assert Address.objects.get(member=member).detail == "另一条路 2 号"
    browser.post(f"/me/addresses/{address.ulid}/remove")
    assert not Address.objects.filter(member=member).exists()


def test_bad_address_comes_back_with_what_was_typed(browser, member):
    answer = browser.post("/me/addresses/new", {**FORM, "district_code": "", "name": "李四"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "李四" in page and "西湖区" in page
    assert not Address.objects.exists()


def test_address_of_another_member_is_not_found(browser, member):
    other = services.add_address(member=make_member(), given=GOOD, now=NOW)
    for answer in (
        browser.get(f"/me/addresses/{other.ulid}"),
        browser.post(f"/me/addresses/{other.ulid}", FORM),
        browser.post(f"/me/addresses/{other.ulid}/remove"),
    ):
        assert answer.status_code == 404
    assert Address.objects.filter(ulid=other.ulid).exists()


def test_divisions_are_offered_as_options(browser):
    page = browser.get("/me/divisions?province_code=330000").content.decode()
    assert '<option value="330100">杭州市</option>' in page
    assert "西湖区" in browser.get("/me/divisions?city_code=330100").content.decode()


def test_team_shows_masked_people_by_level(browser, member):
    child = make_member(referrer=member, name="李大力")
    make_member(referrer=child, name="赵钱孙")
    page = browser.get("/team").content.decode()
    assert "李*力" in page and "李大力" not in page and child.user.phone.removeprefix("+86") not in page
    assert "****" in page


def test_referrer_is_confirmed_from_the_link_once(grocery):
    elder = make_member(name="张三丰")
    member = make_member()
    client = signed_in(member)
    client.get(f"/me?r={elder.share_code}")
    assert "张*丰" in client.get("/team").content.decode()
    client.post("/team/confirm")
    assert Member.objects.get(pk=member.pk).referrer_id == elder.pk


def test_objection_is_recorded_with_its_reason(grocery):
    member = make_member(referrer=make_member())
    signed_in(member).post("/team/object", {"reason": "not my friend"})
    row = AuditRecord.objects.get(action="referrer.objected")
    assert (row.target, row.reason) == (f"member:{member.ulid}", "not my friend")


def test_promoting_is_one_click_and_free(browser, member):
    browser.post("/team/promote")
    assert Member.objects.get(pk=member.pk).promoter_state in ("approved", "applied")


def test_poster_is_a_picture_and_is_not_drawn_twice(browser, member):
    answer = browser.get("/poster.png")
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", posters.SIZE)
    assert browser.get("/poster.png", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    assert f"?r={member.share_code}" in browser.get("/poster").content.decode()


def test_poster_survives_a_machine_without_chinese_fonts(browser, monkeypatch):
    monkeypatch.setattr(posters, "_font_file", lambda: "")
    posters._font.cache_clear()
    try:
        assert browser.get("/poster.png").content.startswith(b"\x89PNG")
    finally:
        posters._font.cache_clear()


def test_export_is_a_file_with_ones_own_data(browser, member):
    order = paid(member, (single("赣南脐橙"), 2))
    paid(make_member(), (single(), 1))
    answer = browser.post("/me/export")
    assert "attachment" in answer["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["member"]["id"] == member.ulid
    assert [(row["number"], row["lines"]) for row in data["orders"]] == [(order.number, ["赣南脐橙 × 2"])]


def test_orders_under_way_keep_the_account_open(browser, member):
    paid(member, (single(), 1))
    assert browser.post("/me/close", {"sure": "1"}).status_code == 409
    assert Member.objects.get(pk=member.pk).closed_at is None


def test_closing_needs_the_button_and_ends_the_session(browser, member):
    browser.post("/me/close")
    assert Member.objects.get(pk=member.pk).closed_at is None
    assert browser.post("/me/close", {"sure": "1"}).status_code == 302
    assert Member.objects.get(pk=member.pk).closed_at is not None
    assert browser.get("/me").status_code == 302
