"""The stored line of link 2+1 gives settlement the answers of the pure machine (MODES 7)."""

import datetime as dt

import pytest

from saas.kernel import clock
from tenant_apps.members.models import Member
from tenant_apps.modes.link21 import services
from tenant_apps.modes.link21.models import LineOrder, LinePerson
from tests.factories import people

NOW = clock.now()


@pytest.fixture
def line(grocery):
    names = ["A", "B", "C", "B1", "B2", "B3", "B4", "B5"]
    return {name: people.make_member(name=name) for name in names}


def join(line, name, sponsor="", order=""):
    answer = services.join(
        member_ulid=line[name].ulid,
        sponsor_ulid=line[sponsor].ulid if sponsor else "",
        order_ulid=order or f"O-{name}",
        now=NOW,
    )
    called = {member.ulid: name for name, member in line.items()}
    return called.get(answer["direct"], ""), called.get(answer["see"], "")


def test_the_worked_example(line):
    """(x) A top; B, C join; B invites B1, B2; B1 invites B3; B invites B4; B3 invites B5."""
    paths = [("A", ""), ("B", "A"), ("C", "A"), ("B1", "B"), ("B2", "B"), ("B3", "B1"), ("B4", "B"), ("B5", "B3")]
    assert [join(line, name, sponsor) for name, sponsor in paths] == [
        ("", ""),
        ("A", ""),
        ("A", ""),
        ("B", "A"),
        ("B", "A"),
        ("B1", "A"),
        ("B", "B"),
        ("B3", ""),
    ]
    roles = dict(LinePerson.objects.values_list("member_ulid", "role"))
    assert sorted(name for name in line if roles[line[name].ulid] == "boss") == ["A", "B"]
    anchors = dict(LinePerson.objects.values_list("member_ulid", "anchor_ulid"))
    assert anchors[line["B1"].ulid] == anchors[line["B2"].ulid] == line["A"].ulid
    assert anchors[line["B4"].ulid] == line["B"].ulid


def test_an_order_goes_through_its_line_once(line):
    join(line, "A")
    assert join(line, "B", "A") == join(line, "B", "A") == ("A", "")
    assert LinePerson.objects.get(member_ulid=line["A"].ulid).directs == 1
    assert LineOrder.objects.count() == 2


def test_a_repurchase_pays_again_and_moves_nobody(line):
    join(line, "A")
    join(line, "B", "A")
    assert join(line, "B", "A", order="O-again") == ("A", "")
    assert LinePerson.objects.get(member_ulid=line["A"].ulid).directs == 1


def test_a_sponsor_who_never_joined_and_a_closed_account_earn_nothing(line):
    assert join(line, "B", "A") == ("", "")
    assert LinePerson.objects.get(member_ulid=line["B"].ulid).sponsor_ulid == ""
    Member.objects.filter(pk=line["B"].pk).update(closed_at=NOW)
    assert join(line, "C", "B") == ("", "")


def test_a_boss_short_of_directs_earns_nothing_until_made_up(line):
    for name, sponsor in (("A", ""), ("B", "A"), ("C", "A")):
        join(line, name, sponsor)
    told = {"order": "O-C", "closed": True, "completed_at": NOW.isoformat()}
    services.take_back(told=told, now=NOW + dt.timedelta(days=1))
    services.take_back(told=told, now=NOW + dt.timedelta(days=1))
    boss = LinePerson.objects.get(member_ulid=line["A"].ulid)
    assert (boss.role, boss.directs, boss.returned) == ("boss", 2, 1)
    assert join(line, "B1", "A") == ("", "")
    assert join(line, "B2", "A") == ("A", "A")
