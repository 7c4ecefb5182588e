"""Terms of the universal subsidy as staff change them: refused by name, projected, published with what was projected."""

import datetime as dt

import pytest
from django.urls import reverse

from saas.kernel.clock import now
from tenant_apps.modes import operators, services
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.forms import settings_form
from tenant_apps.modes.models import SettingsDraft, SettingsVersion
from tenant_apps.modes.subsidy import plans

URL = "/backoffice/settings/subsidy/"
PROJECTION = "/backoffice/projection/"
OPINION = "legal opinion of 2026-11-01"


@pytest.fixture
def opened(grocery):
    """Operators opened the mode for this mall."""
    moment = now()
    operators.receive_ruling(
        fact={
            "kind": "approval", "subject": "subsidy", "is_on": True, "until": (moment + dt.timedelta(days=30)).isoformat(),
            "reason": OPINION, "version": 1, "ruled_at": moment.isoformat(),
        },
        now=moment,
    )  # fmt: skip


def sent(**changes):
    """The form as a browser sends it: every field as shown, with changes."""
    values = {}
    for bound in settings_form("subsidy")(initial={}):
        value = bound.value()
        if value is True:
            values[bound.name] = "on"
        elif value not in (False, None):
            values[bound.name] = str(getattr(value, "value", value))
    start = {"step": "publish", "reason": "活动方案", "enabled": "on", "accept_cautions": "on"}
    return start | values | changes


def page(client, url, status=200):
    answer = client.get(url, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == status
    return answer.content.decode()


def test_terms_that_do_not_fund_themselves_are_refused_by_name_and_nothing_is_published(owner, opened):
    answer = owner.post(URL, sent(pool_share_ppm="39.9999"), HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 422
    assert "The pool would not fund itself" in answer.content.decode()
    assert not SettingsVersion.objects.exists()


def test_the_form_starts_from_a_known_set(finance):
    text = page(finance, f"{URL}?start=public_table")
    assert 'name="pool_share_ppm" value="40"' in text
    assert 'name="reserve_periods" value="0"' in text
    assert "growth is paid with newcomers" in text
    assert 'name="pool_share_ppm" value="60"' in page(finance, URL)


def test_the_ready_made_sets_lead_to_it_and_say_what_is_red(finance):
    text = page(finance, "/backoffice/presets/")
    for start in ("fully_reserved", "public_table"):
        assert f'href="{URL}?start={start}"' in text
    assert "RED: 40 % of the concession, no reserve" in text


def test_a_projection_is_kept_with_the_draft_and_stays_with_the_version(owner, opened):
    answer = owner.post(URL, sent(step="project", pool_share_ppm="50"))
    assert (answer.status_code, answer["Location"]) == (302, PROJECTION)
    text = page(owner, PROJECTION)
    assert "as drafted" in text
    assert "Keep with the draft" in text
    asked = {"first": "2000000", "concession_ppm": "20", "periods1": "20", "growth1": "10", "a-basis": "draft"}
    assert owner.post(f"{PROJECTION}keep", asked)["Location"] == URL
    draft = SettingsDraft.objects.get()
    kept = plans.read_evidence(draft.evidence)
    assert (kept.terms.pool_share_ppm, kept.plan.first, kept.plan.periods) == (500_000, 200_000_000, 21)
    assert "Projection kept with the draft" in page(owner, URL)
    assert owner.post(URL, sent(pool_share_ppm="50", expected_draft=draft.stamp)).status_code == 302
    version = modes.history(mode="subsidy").get()
    assert version.evidence == draft.evidence
    assert "Projection of the newest version" in page(owner, URL)


def test_a_version_is_never_without_figures_of_its_own_terms(owner, opened):
    owner.post(URL, sent(step="draft", pool_share_ppm="50"))
    asked = {"first": "2000000", "concession_ppm": "20", "periods1": "20", "growth1": "10", "a-basis": "draft"}
    owner.post(f"{PROJECTION}keep", asked)
    assert owner.post(URL, sent(pool_share_ppm="55")).status_code == 302
    kept = plans.read_evidence(modes.history(mode="subsidy").get().evidence)
    assert (kept.terms.pool_share_ppm, kept.plan.first) == (550_000, 200_000_000)
    assert kept.figures == plans.read_evidence(plans.evidence_of(kept.terms, kept.plan)).figures


def test_values_other_than_the_drafts_cannot_be_kept_as_its_projection(owner, opened):
    owner.post(URL, sent(step="draft"))
    asked = {"first": "2000000", "concession_ppm": "20", "a-basis": "draft", "a-pool_share_ppm": "70"}
    assert owner.post(f"{PROJECTION}keep", asked)["Location"] == PROJECTION
    assert SettingsDraft.objects.get().evidence == {}


def test_a_draft_that_is_gone_keeps_nothing(grocery):
    with pytest.raises(services.NoDraft):
        services.keep_evidence(actor="system", mode="subsidy", evidence={"a": 1}, now=now())


def test_the_history_names_the_mode(finance):
    assert "subsidy" in reverse("backoffice:settings_history", args=["subsidy"])
    assert "Universal subsidy" in page(finance, URL)
