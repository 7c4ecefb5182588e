"""Flagged settings, in a mall that has opened: one owner prepares, another person approves, and only then they hold."""

import pytest
from django.urls import reverse

from saas.identity.models import PreparedAction
from saas.identity.roles import Role
from saas.tenants.malls import services as malls
from saas.tenants.malls.rules import MallState
from tenant_apps.modes import presets
from tenant_apps.modes import services as modes
from tenant_apps.modes.models import SettingsVersion
from tests.factories.people import make_staff
from tests.factories.sales import NOW
from tests.tenant_apps.backoffice.conftest import signed_in

TWO_LEVELS = {"enabled": True, "rate_ppm": [100_000, 50_000]}


@pytest.fixture
def second(grocery):
    return signed_in(make_staff(Role.COMPLIANCE, name="Second"))


def switch_on(browser, mode="distribution"):
    data = {"to": "on", "reason": "spring", "accept_cautions": "1"}
    return browser.post(reverse("backoffice:mode_switch", args=[mode]), data)


def decide(browser, row, step, **more):
    return browser.post(reverse("backoffice:prepared_decide", args=[row.ulid]), {"step": step, **more}, follow=True)


def test_a_flagged_rule_holds_only_after_the_second_person(owner, second):
    answer = switch_on(owner)
    row = PreparedAction.objects.get()
    assert answer["Location"] == reverse("backoffice:prepared", args=[row.ulid])
    assert not SettingsVersion.objects.exists()
    assert (row.kind, row.subject, row.reason) == ("settings_publish", "settings:distribution@", "spring")
    page = owner.get(answer["Location"]).content.decode()
    assert "这是您本人提交的，须由另一人决定。" in page and 'value="approve"' not in page
    assert decide(owner, row, "approve").status_code == 200
    assert not SettingsVersion.objects.exists()
    shown = second.get(answer["Location"]).content.decode()
    assert 'value="approve"' in shown and "佣金比例" in shown
    decide(second, row, "approve")
    version = SettingsVersion.objects.get()
    row.refresh_from_db()
    assert (version.author, version.approved_by) == (row.prepared_by, row.decided_by)
    assert version.author != version.approved_by and version.values["enabled"] is True
    assert row.state == "approved"


def test_who_has_no_say_is_refused_and_nothing_changes(owner, finance, clerk):
    switch_on(owner)
    row = PreparedAction.objects.get()
    for browser in (finance, clerk):
        assert browser.post(
            reverse("backoffice:prepared_decide", args=[row.ulid]), {"step": "approve"}
        ).status_code == (403)
    row.refresh_from_db()
    assert row.state == "open" and not SettingsVersion.objects.exists()


def test_a_refusal_is_read_by_who_prepared_and_nothing_holds(owner, second):
    switch_on(owner)
    row = PreparedAction.objects.get()
    decide(second, row, "refuse", reason="ask counsel first")
    assert "ask counsel first" in owner.get(reverse("backoffice:prepared", args=[row.ulid])).content.decode()
    assert not SettingsVersion.objects.exists()
    switch_on(owner)
    assert PreparedAction.objects.filter(state="open").count() == 1


def test_what_was_published_meanwhile_wins_and_the_action_stays_open(owner, second):
    switch_on(owner)
    row = PreparedAction.objects.get()
    modes.publish_settings(actor="user:X", mode="distribution", values={"enabled": False}, reason="other", now=NOW)
    answer = decide(second, row, "approve")
    assert "已被他人修改" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "open" and SettingsVersion.objects.count() == 1


def test_what_no_law_flags_takes_one_person(owner):
    answer = owner.post(
        reverse("backoffice:mode_switch", args=["store_income"]), {"to": "on", "reason": "r", "accept_cautions": "1"}
    )
    assert answer["Location"] == reverse("backoffice:modes") and SettingsVersion.objects.count() == 1
    modes.publish_settings(
        actor="user:X", mode="distribution", values={**TWO_LEVELS, "enabled": False}, reason="off", now=NOW
    )
    assert not PreparedAction.objects.exists()


def test_a_mall_that_rehearses_tries_everything_alone(owner, grocery):
    malls.change_state(grocery.ulid, MallState.SUSPENDED, now=NOW)
    malls.change_state(grocery.ulid, MallState.REHEARSAL, now=NOW)
    switch_on(owner)
    assert SettingsVersion.objects.get().approved_by == "" and not PreparedAction.objects.exists()


def test_a_whole_set_of_rules_takes_two_persons_too(owner, second):
    key = next(one for one, preset in presets.BY_KEY.items() if "distribution" in preset.settings)
    owner.post(reverse("backoffice:preset_use", args=[key]), {"reason": "opening", "accept_cautions": "1"})
    row = PreparedAction.objects.get(kind="settings_set")
    assert not SettingsVersion.objects.exists()
    decide(second, row, "approve")
    row.refresh_from_db()
    assert SettingsVersion.objects.get(mode="distribution").approved_by == row.decided_by


def test_the_list_shows_what_waits_and_the_home_page_counts_it(owner, second):
    assert "没有等待第二人审批的事项。" in second.get(reverse("backoffice:prepared_list")).content.decode()
    switch_on(owner)
    assert "settings:distribution@" in second.get(reverse("backoffice:prepared_list")).content.decode()
    assert "待第二人审批" in second.get(reverse("backoffice:index")).content.decode()
