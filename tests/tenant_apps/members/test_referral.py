"""Joining by a share link; a referrer is bound once, never in a loop, changed by staff alone."""

import random

import pytest
from django.db import IntegrityError, connection, transaction

from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.members import selectors, services
from tenant_apps.members.models import Member
from tenant_apps.members.services.referral import ReasonMissing, ReferrerAlreadyBound, ReferrerNotAllowed
from tests.factories.people import NOW, make_member, make_user


def test_new_member_is_bound_to_the_owner_of_the_share_code(grocery):
    referrer = make_member(name="Ann")
    user = make_user(name="Ben")
    member = services.ensure_member(user=user, referral_code=referrer.share_code.upper(), now=NOW)
    assert (member.referrer, member.referrer_bound_at, member.name) == (referrer, NOW, "Ben")
    assert OutboxEvent.objects.get(topic="member.joined", key=member.ulid).payload["referrer"] == referrer.ulid
    assert AuditRecord.objects.filter(action="referrer.bound", target=f"member:{member.ulid}").count() == 1


def test_member_is_made_once_and_a_later_code_changes_nothing(grocery):
    user = make_user()
    first = services.ensure_member(user=user, now=NOW)
    again = services.ensure_member(user=user, referral_code=make_member().share_code, now=NOW)
    assert again.pk == first.pk and again.referrer_id is None


@pytest.mark.parametrize("code", ["", "nonsense", "0000", "zzzzzzzz", "' OR 1=1"])
def test_unknown_code_makes_a_member_without_referrer(grocery, code):
    assert services.ensure_member(user=make_user(), referral_code=code, now=NOW).referrer is None


def test_closed_member_refers_nobody(grocery):
    referrer = make_member()
    code = referrer.share_code
    services.close_account(member=referrer, now=NOW)
    assert services.ensure_member(user=make_user(), referral_code=code, now=NOW).referrer is None


def test_referrer_may_be_confirmed_later_once(grocery):
    elder, other, member = make_member(), make_member(), make_member()
    assert services.bind_referrer(member=member, referral_code=elder.share_code, now=NOW) == elder
    with pytest.raises(ReferrerAlreadyBound):
        services.bind_referrer(member=member, referral_code=other.share_code, now=NOW)
    assert Member.objects.get(pk=member.pk).referrer_id == elder.pk


def test_nobody_refers_themselves_or_an_elder(grocery):
    elder = make_member()
    younger = make_member(referrer=elder)
    for code in (elder.share_code, younger.share_code):
        with pytest.raises(ReferrerNotAllowed):
            services.bind_referrer(member=elder, referral_code=code, now=NOW)
    with pytest.raises(InvalidInput):
        services.bind_referrer(member=elder, referral_code="zzzzzzzz", now=NOW)
    assert Member.objects.get(pk=elder.pk).referrer_id is None


@pytest.mark.parametrize("which", ["self", "younger"])
def test_database_refuses_a_loop_whoever_asks(grocery, which):
    elder = make_member()
    younger = make_member(referrer=elder)
    target = elder if which == "self" else younger
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_member SET referrer_id = %s, referrer_bound_at = now() WHERE id = %s", [target.pk, elder.pk]
        )
    assert Member.objects.get(pk=elder.pk).referrer_id is None


def test_staff_change_needs_a_reason_and_is_audited_with_before_and_after(grocery):
    first, second = make_member(), make_member()
    member = make_member(referrer=first)
    with pytest.raises(ReasonMissing):
        services.change_referrer(actor="user:S", member=member, referrer=second, reason=" ", now=NOW)
    assert Member.objects.get(pk=member.pk).referrer_id == first.pk
    services.change_referrer(actor="user:S", member=member, referrer=second, reason="wrong link", now=NOW)
    assert Member.objects.get(pk=member.pk).referrer_id == second.pk
    row = AuditRecord.objects.get(action="referrer.changed", target=f"member:{member.ulid}")
    assert (row.actor, row.reason, row.data) == ("user:S", "wrong link", {"before": first.ulid, "after": second.ulid})


def test_ancestors_come_nearest_first_with_one_statement(grocery, django_assert_num_queries):
    top = make_member(promoter=True)
    middle = make_member(referrer=top)
    near = make_member(referrer=middle, promoter=True)
    member = make_member(referrer=near)
    with django_assert_num_queries(1):
        found = selectors.ancestors(member.pk, 3)
    assert [(a.member_id, a.ulid, a.promoter, a.depth) for a in found] == [
        (near.pk, near.ulid, True, 1),
        (middle.pk, middle.ulid, False, 2),
        (top.pk, top.ulid, True, 3),
    ]
    assert [a.member_id for a in selectors.ancestors(member.pk, 2)] == [near.pk, middle.pk]
    services.close_account(member=near, now=NOW)
    assert selectors.ancestors(member.pk, 1)[0].promoter is False


def test_team_counts_each_level_and_masks_people(grocery):
    top = make_member()
    direct = [make_member(referrer=top, name="王小明") for _ in range(2)]
    make_member(referrer=direct[0])
    assert selectors.team_counts(top.pk) == {1: 2, 2: 1, 3: 0}
    row = selectors.team(top.pk, level=1)[-1]
    assert (row.name, row.referees) == ("王*明", 1)
    assert "****" in row.phone and row.phone.startswith("138")


def test_random_trees_agree_with_a_plain_walk(grocery):
    chance = random.Random(20261122)
    members: list[Member] = []
    for _ in range(30):
        members.append(make_member(referrer=chance.choice([None, *members])))
    parents = {m.pk: m.referrer_id for m in members}
    for _ in range(60):
        child, parent = chance.sample(members, 2)
        try:
            services.change_referrer(actor="user:S", member=child, referrer=parent, reason="test", now=NOW)
        except ReferrerNotAllowed:
            assert parent.pk > child.pk
        else:
            parents[child.pk] = parent.pk
    for member in members:
        walk, at = [], parents[member.pk]
        while at is not None and len(walk) < 40:
            walk.append(at)
            at = parents[at]
        assert member.pk not in walk
        assert [a.member_id for a in selectors.ancestors(member.pk, 40)] == walk
