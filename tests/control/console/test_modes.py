"""Approvals and stops of modes: an operator rules with reason and expiry, the fact goes to the mall's cell, it is audited."""

import datetime as dt

import pytest
from django.test import Client

from saas.identity.models import AuditRecord, User
from saas.kernel.clock import china_date
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.vendors.models import Ruling


@pytest.fixture
def browser(db):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(
        User.objects.create_user(email="op@example.test", name="Operator", is_staff=True, is_superuser=True)
    )
    return client


@pytest.fixture
def place(sign_up):
    return sign_up().place


def rule(browser, place, **data):
    return browser.post(f"/console/malls/{place.mall}/modes/rule", data, follow=True)


def approval(now, **changes):
    day = china_date(now) + dt.timedelta(days=90)
    values = {
        "subject": "third_level",
        "verdict": "approve",
        "reason": "opinion read",
        "opinion": "Zhang & Partners, 2026-11-01, file 7",
        "until": day.isoformat(),
        "off_wechat": "1",
    }
    return {**values, **changes}


def facts():
    return [(one.destination, one.mall, one.payload) for one in OutboxEvent.objects.filter(topic="mode.ruled")]


def test_an_approval_is_ruled_told_to_the_cell_and_audited(browser, place, now):
    answer = rule(browser, place, **approval(now))
    assert "Ruled." in answer.text and "Approved" in answer.text
    ruling = Ruling.objects.get()
    end = dt.datetime.combine(china_date(now) + dt.timedelta(days=91), dt.time(), dt.timezone(dt.timedelta(hours=8)))
    assert (ruling.subject, ruling.is_on, ruling.version, ruling.until) == ("third_level", True, 1, end)
    ((destination, mall, payload),) = facts()
    assert (destination, mall) == ("c1", place.mall)
    assert (payload["kind"], payload["subject"], payload["is_on"], payload["version"]) == (
        "approval",
        "third_level",
        True,
        1,
    )
    record = AuditRecord.objects.get(action="mode.approval_on")
    assert (record.target, record.reason) == (f"mall:{place.mall}", "opinion read")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"reason": " "}, "reason"),
        ({"opinion": ""}, "opinion"),
        ({"until": ""}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "2099-01-01"}, "until"),
        ({"until": "soon"}, "until"),
        ({"off_wechat": ""}, "off_wechat"),
        ({"subject": "full_refund"}, "subject"),
        ({"verdict": "perhaps"}, "verdict"),
        ({"verdict": "revoke"}, "nothing in force"),
    ],
)
def test_a_bad_ruling_names_its_field_and_changes_nothing(browser, place, now, changes, named):
    answer = rule(browser, place, **approval(now, **changes))
    assert named in answer.text
    assert not Ruling.objects.exists() and facts() == []


def test_a_stop_and_its_lifting_are_numbered_one_after_the_other(browser, place, now):
    rule(browser, place, subject="distribution", verdict="stop", reason="complaints")
    rule(browser, place, **approval(now))
    rule(browser, place, subject="distribution", verdict="lift", reason="answered")
    rule(browser, place, subject="third_level", verdict="revoke", reason="opinion withdrawn")
    assert [(p["version"], p["kind"], p["subject"], p["is_on"]) for _, _, p in facts()] == [
        (1, "stop", "distribution", True),
        (2, "approval", "third_level", True),
        (3, "stop", "distribution", False),
        (4, "approval", "third_level", False),
    ]


def test_the_page_says_what_the_platform_does_not_build(browser, place):
    answer = browser.get(f"/console/malls/{place.mall}/modes/")
    assert answer.status_code == 200
    for word in ("chain", "queue", "registrations", "Games", "Levels without limit", "full refund", "Robots"):
        assert word in answer.text


def test_a_vendor_does_not_get_in(place, owner):
    client = Client()
    client.force_login(owner)
    assert client.get(f"/console/malls/{place.mall}/modes/").status_code == 302
    rule(client, place, subject="distribution", verdict="stop", reason="mine")
    assert not Ruling.objects.exists()
