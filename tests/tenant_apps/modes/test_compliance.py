"""The nightly look at teams: thirty people over three rewarded levels; told once, noted, cleared."""

import datetime as dt

import pytest

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel.errors import InvalidInput
from saas.messaging.notices.models import Notice
from tenant_apps.members.services import close_account
from tenant_apps.modes import compliance, operators, tasks
from tenant_apps.modes.models import ComplianceAlarm
from tests.factories.people import make_member, make_staff
from tests.factories.sales import NOW, publish

DAY = dt.timedelta(days=1)
NIGHT = dt.datetime(2026, 11, 23, 18, 30, tzinfo=dt.UTC)  # half past two in the morning in China


def team(people: int, levels: int = 3):
    """A head with so many people below, the deepest `levels` down."""
    head = make_member(name="Head")
    above = head
    for _ in range(levels):
        above = make_member(referrer=above)
    for _ in range(people - levels):
        make_member(referrer=head)
    return head


def three_levels():
    operators.receive_ruling(
        fact={
            "kind": "approval",
            "subject": "third_level",
            "is_on": True,
            "until": (NOW + 300 * DAY).isoformat(),
            "reason": "opinion",
            "version": 1,
            "ruled_at": NOW.isoformat(),
        },
        now=NOW,
    )
    publish(rate_ppm=[50_000, 20_000, 10_000])


def found():
    return [(one.people, one.levels) for one in ComplianceAlarm.objects.all()]


def test_rule_6_thirty_people_over_three_levels_are_an_alarm(grocery):
    three_levels()
    head = team(30)
    team(29)
    team(40, levels=2)
    fresh = compliance.look_at_teams(now=NOW)
    assert [(one.member_ulid, one.people, one.levels) for one in fresh] == [(head.ulid, 30, 3)]
    assert compliance.look_at_teams(now=NOW + DAY) == []
    assert found() == [(30, 3)]


def test_two_rewarded_levels_are_no_such_team(grocery):
    publish()
    team(31)
    assert compliance.look_at_teams(now=NOW) == []


def test_people_below_the_rewarded_levels_do_not_count(grocery):
    three_levels()
    above = make_member()
    for _ in range(35):
        above = make_member(referrer=above)
    assert compliance.look_at_teams(now=NOW) == []  # nobody has more than three people within three levels


def test_the_compliance_role_and_owners_are_told_once(grocery):
    three_levels()
    Notice.objects.all().delete()
    told = {make_staff(Role.OWNER).phone, make_staff(Role.COMPLIANCE).phone}
    make_staff(Role.GOODS)
    team(30)
    compliance.look_at_teams(now=NOW)
    compliance.look_at_teams(now=NOW)
    rows = Notice.objects.filter(kind="compliance_alarm")
    assert {one.to_phone for one in rows} == told
    assert rows.count() == 2


def test_a_team_that_shrinks_is_cleared_and_what_was_noted_stays_in_the_trail(grocery):
    three_levels()
    head = team(30)
    compliance.look_at_teams(now=NOW)
    with pytest.raises(InvalidInput):
        compliance.note_alarm(member_ulid=head.ulid, note=" ", actor="user:c", now=NOW)
    compliance.note_alarm(member_ulid=head.ulid, note="real shoppers", actor="user:c", now=NOW)
    for member in list(head.referees.all())[-2:]:
        close_account(member=member, now=NOW)
    compliance.look_at_teams(now=NOW + DAY)
    assert found() == []
    record = AuditRecord.objects.get(action="compliance.cleared")
    assert (record.target, record.data["note"]) == (f"member:{head.ulid}", "real shoppers")


def test_the_round_looks_once_a_night_and_keeps_that_it_did(grocery):
    before = NIGHT - dt.timedelta(hours=1)
    assert not tasks.look_at_teams(now=before)
    assert tasks.look_at_teams(now=NIGHT)
    assert not tasks.look_at_teams(now=NIGHT + dt.timedelta(hours=5))
    assert tasks.look_at_teams(now=NIGHT + DAY)
    assert AuditRecord.objects.filter(action="compliance.looked").count() == 2
