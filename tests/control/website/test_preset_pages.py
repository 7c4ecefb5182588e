"""Business models on the website: who earns what on a 100-yuan order, for each of the six; choosing one at signup."""

import re

import pytest
from django.test import Client

from provisioning.orchestrator.models import Run
from provisioning.orchestrator.services.signup import PresetUnknown
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.notices.models import Notice
from saas.tenants import presets
from saas.tenants.vendors.models import Place
from tests.control.website.test_signup import FORM

# What the page shows of 100 yuan, in its order (tests/tenant_apps/modes/test_presets.py computes the same by the rules).
AMOUNTS = {
    "brand_promoters": ["50.00", "8.00", "3.00", "39.00"],
    "community_stores": ["50.00", "3.00", "8.00", "2.00", "37.00"],
    "group_leaders": ["60.00", "10.00", "3.00", "27.00"],
    "merchant_alliance": ["80.00", "4.00", "2.00", "0.60", "0.40", "0.20", "12.80"],
    "points_mall": ["70.00", "3.00", "27.00"],
    "wholesale": ["70.00", "3.00", "5.00", "22.00"],
}


def test_the_six_are_all_here():
    assert tuple(AMOUNTS) == presets.KEYS
    assert all(sum(float(one) for one in amounts) == pytest.approx(100) for amounts in AMOUNTS.values())


@pytest.mark.parametrize("key", presets.KEYS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_page_tells_who_earns_what_on_a_hundred_yuan(cell, key, language):
    page = Client(HTTP_ACCEPT_LANGUAGE=language).get(f"/models/{key}").content.decode()
    shown = re.findall(r'tabular-nums">¥?\s*([\d.,]+)', page)
    assert shown == AMOUNTS[key]
    assert ("Who earns what on an order of ¥100" if language == "en" else "法律") in page
    assert f"/signup?preset={key}" in page


def test_an_unknown_model_has_no_page(cell):
    assert Client().get("/models/pyramid").status_code == 404


def test_the_model_chosen_at_signup_reaches_the_malls_cell(cell):
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert re.search(r'value="wholesale"[^>]*checked', browser.get("/signup?preset=wholesale").content.decode())
    browser.post("/signup", {**FORM, "preset": "wholesale"})
    browser.post("/signup/verify", {"code": re.search(r"\d{6}", Notice.objects.latest("pk").body)[0]})
    assert Run.objects.get().order["preset"] == "wholesale"
    assert OutboxEvent.objects.get(topic="provision.requested").payload["preset"] == "wholesale"


def test_a_model_that_does_not_exist_is_refused_and_nothing_is_made(cell, sign_up):
    with pytest.raises(PresetUnknown) as refused:
        sign_up(preset="pyramid")
    assert refused.value.field == "preset"
    answer = Client(HTTP_ACCEPT_LANGUAGE="en").post("/signup", {**FORM, "preset": "pyramid"})
    assert answer.status_code == 422
    assert (Place.objects.count(), Run.objects.count()) == (0, 0)
