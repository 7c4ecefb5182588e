"""What takes two persons: one prepares, another decides, once and in time."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from saas.identity import selectors, services
from saas.identity.models import AuditRecord, PreparedAction
from saas.identity.rules import PreparedState, state_now
from saas.kernel.errors import InvalidInput, NotFound

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
ANNA, BO = "user:ANNA", "user:BO"


def prepare(subject="withdrawal:1", *, actor=ANNA, now=NOW, reason="asked for by mail"):
    return services.prepare_action(
        kind="test", subject=subject, payload={"amount": 5}, reason=reason, actor=actor, now=now
    )


def states():
    return list(PreparedAction.objects.order_by("pk").values_list("state", flat=True))


def test_another_person_approves_and_both_are_on_record(grocery):
    row = prepare()
    assert services.approve_action(ulid=row.ulid, actor=BO, now=NOW).decided_by == BO
    trail = AuditRecord.objects.filter(target="withdrawal:1").order_by("pk")
    assert [(one.actor, one.action) for one in trail] == [(ANNA, "action.prepared"), (BO, "action.approved")]
    assert trail[0].reason == "asked for by mail"
    with pytest.raises(services.ActionDecided):
        services.approve_action(ulid=row.ulid, actor="user:CHEN", now=NOW)
    assert states() == ["approved"]


def test_the_same_person_neither_approves_nor_refuses(grocery):
    row = prepare()
    for decide in (
        lambda: services.approve_action(ulid=row.ulid, actor=ANNA, now=NOW),
        lambda: services.refuse_action(ulid=row.ulid, reason="no", actor=ANNA, now=NOW),
    ):
        with pytest.raises(services.SamePerson):
            decide()
    assert states() == ["open"] and AuditRecord.objects.filter(target="withdrawal:1").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():  # nor by hand in the database
        PreparedAction.objects.update(state="approved", decided_by=ANNA, decided_at=NOW)


def test_a_refusal_says_why(grocery):
    row = prepare()
    with pytest.raises(InvalidInput):
        services.refuse_action(ulid=row.ulid, reason=" ", actor=BO, now=NOW)
    assert services.refuse_action(ulid=row.ulid, reason="wrong sum", actor=BO, now=NOW).decision_reason == "wrong sum"


def test_only_who_prepared_withdraws(grocery):
    row = prepare()
    with pytest.raises(NotFound):
        services.withdraw_action(ulid=row.ulid, actor=BO, now=NOW)
    assert services.withdraw_action(ulid=row.ulid, actor=ANNA, now=NOW).state == PreparedState.WITHDRAWN


def test_one_open_action_a_subject_and_none_without_a_reason(grocery):
    prepare()
    with pytest.raises(services.AlreadyPrepared):
        prepare(actor=BO)
    with pytest.raises(InvalidInput):
        prepare("withdrawal:2", reason=" ")
    assert states() == ["open"]


def test_after_a_week_it_has_to_be_prepared_again(grocery):
    row, later = prepare(), NOW + dt.timedelta(days=7)
    assert state_now(row.state, row.expires_at, later) is PreparedState.EXPIRED
    with pytest.raises(services.ActionExpired):
        services.approve_action(ulid=row.ulid, actor=BO, now=later)
    again = prepare(now=later)
    assert states() == ["expired", "open"]
    assert selectors.open_action(kind="test", subject="withdrawal:1") == again


def test_the_guard_lets_two_persons_pass_alone():
    asked = {"kind": "test", "subject": "s", "payload": {"a": 1}, "reason": "r"}
    services.require_second(actor=ANNA, approved_by=BO, **asked)
    for second in ("", ANNA):
        with pytest.raises(services.SecondPersonNeeded) as refused:
            services.require_second(actor=ANNA, approved_by=second, **asked)
        assert refused.value.asked == asked
