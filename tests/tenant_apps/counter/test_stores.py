"""Stores as shoppers find them, and their facts as owners and staff enter them."""

import datetime as dt

import pytest
from django.utils import translation

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from tenant_apps.counter.models import StoreProfile
from tenant_apps.counter.rules import hours
from tenant_apps.counter.selectors import stores as selectors
from tenant_apps.counter.services import stores as services
from tenant_apps.counter.services.stores import StoreDraft, StoreFactsInvalid
from tenant_apps.sellers import services as sellers
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

EARLIER = clock.now() - dt.timedelta(days=30)
NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)  # a Monday, 12:00 in China
EVERY_DAY = (hours.parse_day("09:00-21:00"),) * 7
NIGHTS = (hours.parse_day("20:00-02:00"),) * 7
HERE = (23_130_000, 113_320_000)
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


def placed(name: str, latitude: int | None, longitude: int | None, **changes: object):
    row = shops.store(now=EARLIER, name=name, **changes)
    terms = sellers.Handover(place_text=f"{name}路 1 号", latitude_e6=latitude, longitude_e6=longitude)
    return sellers.set_handover(ulid=row.ulid, terms=terms, actor="user:clerk", now=EARLIER)


def described(row, week=EVERY_DAY, **values: object):
    draft = StoreDraft(week=week, **values)
    return services.describe_store(seller_ulid=row.ulid, draft=draft, actor="user:clerk", now=EARLIER)


@pytest.fixture
def stores(grocery):
    """Near (300 m), farther (5 km), far (Beijing), and one without a position, which is open at night alone."""
    near = placed("近", HERE[0] + 2_700, HERE[1])
    farther = placed("远", HERE[0] + 45_000, HERE[1])
    far = placed("北京", 39_904_200, 116_407_400)
    unknown = placed("夜", None, None)
    described(near, intro="二十年老店", services=("手机维修", "贴膜"))
    described(unknown, NIGHTS)
    return near, farther, far, unknown


def test_the_nearest_come_first_and_those_that_are_open(stores):
    found = selectors.stores_near(now=NOON, latitude_e6=HERE[0], longitude_e6=HERE[1])
    assert [(one.place.name, one.distance_meters) for one in found] == [
        ("近", 300),
        ("远", 5003),
        ("北京", 1887678),
        ("夜", None),
    ]
    assert [one.place.name for one in selectors.stores_near(now=NOON, open_only=True)] == ["近"]
    near_two = selectors.stores_near(now=NOON, latitude_e6=HERE[0], longitude_e6=HERE[1], limit=2)
    assert [one.place.name for one in near_two] == ["近", "远"]
    sellers.pause_seller(ulid=stores[0].ulid, actor="user:clerk", reason="renovation", now=EARLIER)
    assert "近" not in [one.place.name for one in selectors.stores_near(now=NOON)]


def test_shoppers_pages(stores):
    browser = MallClient()
    empty = MallClient("beauty.localhost")
    goods = shops.goods(stores[0], title="手机壳", now=EARLIER)
    page = browser.get(f"/stores?latitude={HERE[0] / 1e6}&longitude={HERE[1] / 1e6}", **EN).content.decode()
    assert page.index("近") < page.index("远") < page.index("北京") and "300 m" in page and "5.0 km" in page
    assert "手机维修" in page and "Hours not stated" in page
    page = browser.get(f"/stores/{stores[0].code}", **EN).content.decode()
    assert "二十年老店" in page and "09:00-21:00" in page and "Monday" in page and goods.product.title in page
    assert browser.get("/stores/nothing").status_code == 404
    assert browser.get("/stores?latitude=abc&longitude=1").status_code == 200
    assert "There are no stores yet." in empty.get("/stores", **EN).content.decode()


def test_the_owner_says_when_and_where(grocery):
    owner = make_member(name="王店主")
    row = placed("天河", *HERE, owner=owner.ulid)
    browser = signed_in(owner.user)
    address = f"/seller/{row.ulid}/store"
    form = {"part": "facts", "intro": "欢迎", "closings": "2027-02-05 2027-02-12 春节", "services": "修表\n开锁"}
    form |= {f"day{day}": "09:00-21:00" for day in range(6)} | {"day6": ""}
    with translation.override("en"):
        refused = browser.post(address, form | {"day2": "9 to 5"}, **EN)
        assert refused.status_code == 422 and "“9” is no opening time" in refused.content.decode()
        assert 'name="day2" value="9 to 5" maxlength="60" aria-invalid="true"' in refused.content.decode()
        assert "稳赚" in browser.post(address, form | {"intro": "稳赚不赔"}, **EN).content.decode()
        assert not StoreProfile.objects.exists()
        assert browser.post(address, form)["Location"] == address
        stored = selectors.facts_of(row.ulid)
        assert stored.services == ("修表", "开锁") and stored.week[5] == EVERY_DAY[0] and stored.week[6] == ()
        assert AuditRecord.objects.filter(action="store.described", actor=f"member:{owner.ulid}").count() == 1
        place = {"part": "place", "place_text": "体育西路 9 号", "latitude": "23.1", "longitude": "113.3", "radius": "2500",
                 "minimum": "20", "fee": "4.50", "offers_delivery": "1"}  # fmt: skip
        assert "whole number of metres" in browser.post(address, place | {"radius": "far"}, **EN).content.decode()
        assert browser.post(address, place)["Location"] == address
    row.refresh_from_db()
    assert (row.latitude_e6, row.delivery_radius_meters) == (23_100_000, 2_500)
    assert (row.delivery_minimum_amount, row.delivery_fee_amount) == (2_000, 450)
    assert "4.50" in browser.get(address).content.decode()
    assert signed_in(make_member().user).get(address).status_code == 404


def test_staff_keep_the_checklist(stores):
    finance = signed_in(make_staff(Role.FINANCE))
    address = f"/backoffice/stores/{stores[0].ulid}"
    form = {"part": "franchise", "applies": "1", "disclosed_on": "2026-11-01", "contract_on": "2026-11-20",
            "filing_number": "", "recruiting_text": "加盟即享收益"}  # fmt: skip
    assert finance.post(address, form)["Location"] == address
    page = finance.get(address, **EN).content.decode()
    assert "may be signed from 2026-12-01 on" in page and "filing number of the franchise is missing" in page
    assert "speaks of earnings: 收益" in page
    refused = finance.post(address, form | {"contract_on": "2026-10-20"}, **EN)
    assert refused.status_code == 422 and "before its disclosure file" in refused.content.decode()
    assert selectors.facts_of(stores[0].ulid).franchise.contract_on == dt.date(2026, 11, 20)
    fine = {"contract_on": "2026-12-02", "filing_number": "1440100112600001", "recruiting_text": "选址与培训"}
    finance.post(address, form | fine)
    assert "The checklist is complete." in finance.get(address, **EN).content.decode()
    merchant = shops.opened(now=EARLIER)
    assert finance.get(f"/backoffice/stores/{merchant.ulid}").status_code == 404


def test_facts_out_of_bounds_are_refused(stores):
    for draft, field in (
        (StoreDraft(intro="x" * 301), "intro"),
        (StoreDraft(week=((),)), "hours"),
        (StoreDraft(services=("a", "a")), "services"),
        (StoreDraft(services=("a" * 21,)), "services"),
    ):
        with pytest.raises(StoreFactsInvalid) as refused:
            services.describe_store(seller_ulid=stores[1].ulid, draft=draft, actor="user:clerk", now=EARLIER)
        assert refused.value.field == field
    assert not StoreProfile.objects.filter(seller_ulid=stores[1].ulid).exists()
