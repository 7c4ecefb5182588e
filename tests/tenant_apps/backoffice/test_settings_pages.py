"""Settings as staff meet them: draft, preview, publish, zones, versions."""

import pytest
from django.urls import reverse

from tenant_apps.modes import selectors as modes
from tenant_apps.modes.models import SettingsDraft, SettingsVersion
from tests.factories import catalog, orders
from tests.factories.people import make_member
from tests.tenant_apps.backoffice.test_trade_pages import rules

pytestmark = pytest.mark.usefixtures("rehearsing")  # what takes two persons: test_two_persons.py

URL = "/backoffice/settings/distribution/"
ZONE = f"{URL}?zone=self_operated"


def page_of(client, url: str) -> str:
    answer = client.get(url, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_draft_is_kept_previewed_published_and_done_with(finance, owner):
    sent = rules(rate_ppm_1="9", step="preview", reason="")
    answer = finance.post(URL, sent)
    assert (answer.status_code, answer["Location"]) == (302, "/backoffice/preview/?draft=distribution@")
    assert not SettingsVersion.objects.exists()
    preview = page_of(finance, answer["Location"])
    assert "¥9.00" in preview
    assert "not a promise" in preview
    page = page_of(owner, URL)
    assert 'value="9"' in page
    draft = SettingsDraft.objects.get()
    assert owner.post(URL, rules(rate_ppm_1="9", expected_draft=draft.stamp)).status_code == 302
    assert modes.history(mode="distribution").get().values["rate_ppm"] == [90_000, 20_000]
    assert not SettingsDraft.objects.exists()


def test_a_draft_that_somebody_else_saved_meanwhile_is_not_overwritten(finance):
    assert finance.post(URL, rules(step="draft", expected_draft="")).status_code == 302
    kept = SettingsDraft.objects.get()
    assert finance.post(URL, rules(step="draft", rate_ppm_1="8", expected_draft="")).status_code == 422
    assert SettingsDraft.objects.get().stamp == kept.stamp
    finance.post(reverse("backoffice:settings_discard", args=["distribution"]))
    assert not SettingsDraft.objects.exists()


@pytest.mark.parametrize("changes", [{"rate_ppm_1": "51"}, {"rate_ppm_1": "", "rate_ppm_2": "3"}])
def test_a_draft_outside_its_range_is_not_kept(finance, changes):
    assert finance.post(URL, rules(step="draft", **changes)).status_code == 422
    assert not SettingsDraft.objects.exists()


def test_a_zone_has_its_own_settings_until_it_follows_the_mall_again(owner):
    owner.post(URL, rules())
    owner.post(ZONE, rules(rate_ppm_1="9"))
    page = page_of(owner, ZONE)
    assert 'value="9"' in page
    assert 'value="5"' in page_of(owner, URL)
    follow = reverse("backoffice:settings_follow", args=["distribution"])
    owner.post(follow, {"zone": "self_operated", "reason": "", "accept_cautions": "1"})
    assert modes.history(mode="distribution", zone="self_operated").count() == 1
    owner.post(follow, {"zone": "self_operated", "reason": "simpler", "accept_cautions": "1"})
    newest = modes.history(mode="distribution", zone="self_operated").first()
    assert (newest.number, newest.inherits, newest.reason) == (2, True, "simpler")
    assert 'value="5"' in page_of(owner, ZONE)
    assert "follows the whole mall from here on" in page_of(
        owner, "/backoffice/settings/distribution/history?zone=self_operated"
    )
    assert owner.get(f"{URL}?zone=nowhere").status_code == 404


def test_a_version_for_later_waits_and_the_past_is_refused(owner):
    assert owner.post(URL, rules(effective_from="2001-01-01T00:00")).status_code == 422
    assert not SettingsVersion.objects.exists()
    assert owner.post(URL, rules(effective_from="2090-01-01T00:00")).status_code == 302
    page = page_of(owner, URL)
    assert "takes effect on 2090-01-01 00:00" in page
    assert "It is off" in page


def test_versions_stand_side_by_side(owner, finance):
    owner.post(URL, rules())
    owner.post(URL, rules(rate_ppm_1="8", expected_number="1"))
    newer, older = modes.history(mode="distribution")
    page = page_of(finance, f"/backoffice/settings/distribution/history?a={older.ulid}&b={newer.ulid}")
    assert "5% / 2%" in page
    assert "8% / 2%" in page


def test_preview_of_a_real_product_and_of_every_product(owner, finance):
    owner.post(URL, rules())
    sku = catalog.single("Tea", price=10_000, supply=4_000)
    page = page_of(
        finance, f"/backoffice/preview/?sku={sku.ulid}&zone=self_operated&quantity=2&rank1=0&rank2=0&rank3=-1"
    )
    assert "¥10.00" in page
    assert "¥106.00" in page
    every = page_of(finance, "/backoffice/preview/products")
    assert "Tea" in every
    assert "11.6667%" in every or "11.67%" in every or "11.6666%" in every


def test_search_fields_find_by_what_people_call_things(finance, goods, grocery):
    sku, member = catalog.single("Longjing tea"), make_member(name="Wang")
    assert finance.get("/backoffice/pick/sku?q=longj").json()["found"] == [{"key": sku.ulid, "text": "Longjing tea"}]
    assert finance.get("/backoffice/pick/member?q=Wang").json()["found"][0]["key"] == member.ulid
    assert finance.get("/backoffice/pick/nothing?q=x").json() == {"found": []}
    assert goods.get("/backoffice/pick/member?q=Wang").status_code == 403


def test_preview_is_for_staff_with_money_alone(goods, shopper):
    assert goods.get("/backoffice/preview/").status_code == 403
    assert shopper.get("/backoffice/preview/").status_code in (302, 403)


def test_the_catalogue_switches_on_and_off_with_a_reason(owner, finance):
    page = page_of(finance, "/backoffice/modes/")
    assert "The person who introduced a buyer earns from the purchase" in page
    assert "Switch on" not in page
    url = reverse("backoffice:mode_switch", args=["store_income"])
    owner.post(url, {"to": "on", "reason": ""})
    assert not SettingsVersion.objects.exists()
    owner.post(url, {"to": "on", "reason": "opening", "accept_cautions": "1"})
    owner.post(url, {"to": "off", "reason": "pause"})
    assert [row.values["enabled"] for row in modes.history(mode="store_income")] == [False, True]
    assert "Switch on" in page_of(owner, "/backoffice/modes/")
    assert finance.post(url, {"to": "on", "reason": "x"}).status_code == 403
    for mode in modes.mode_states(now=modes.history(mode="store_income").first().created_at):
        page_of(owner, reverse("backoffice:settings", args=[mode]))


def test_a_ready_made_set_is_looked_at_used_and_kept(owner, finance):
    page = page_of(finance, "/backoffice/presets/")
    assert "Brand with promoters" in page
    assert "¥39.00" in page
    assert "Use this set" not in page
    use = reverse("backoffice:preset_use", args=["brand_promoters"])
    owner.post(use, {"reason": "start"})
    assert not SettingsVersion.objects.exists()
    owner.post(use, {"reason": "start", "accept_cautions": "1"})
    assert modes.history(mode="distribution").get().values["rate_ppm"] == [80_000, 30_000]
    owner.post(reverse("backoffice:preset_save"), {"name": "Spring", "note": "as we began"})
    assert "Spring" in page_of(owner, "/backoffice/presets/")
    kept = modes.saved_presets()[0]
    assert finance.post(reverse("backoffice:preset_delete", args=[kept.ulid])).status_code == 403
    owner.post(reverse("backoffice:preset_delete", args=[kept.ulid]))
    assert modes.saved_presets() == []


def test_backtest_of_a_draft_on_real_orders(finance, grocery):
    assert "Nothing was paid" in page_of(finance, "/backoffice/backtest/")
    finance.post(URL, rules(rate_ppm_1="9", step="draft"))
    orders.paid(
        make_member(referrer=make_member(name="Wang", promoter=True)),
        (catalog.single("Tea", price=10_000, supply=4_000), 1),
    )
    page = page_of(finance, "/backoffice/backtest/?draft=distribution@")
    assert "¥9.00" in page
    assert "Wang" in page
