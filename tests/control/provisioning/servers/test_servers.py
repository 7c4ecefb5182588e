"""Changes of servers with the real terraform and its built-in provider: no cloud is needed."""

import json
import shutil

import pytest

from provisioning.gateways.terraform import Busy, PlanChanged, Terraform, TerraformFailed
from provisioning.infrastructure import selectors, services
from provisioning.infrastructure.models import ServerChange
from saas.identity.models import AuditRecord, User
from saas.kernel.errors import InvalidInput
from tests.control.provisioning.servers.cast import NOW, VARIABLES, resources, work

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine"),
]


def test_a_change_is_planned_looked_at_and_applied(place, ask):
    row = ask()
    assert work(place) == 1
    row.refresh_from_db()
    assert (row.state, row.to_add, row.to_change, row.to_destroy) == ("planned", 3, 0, 0)
    assert "terraform_data.cell" in row.plan_log
    assert not (place / "modules" / "staging" / "terraform.tfstate").exists()  # looked at, not applied
    assert work(place) == 0

    services.approve_change(ulid=row.ulid, confirmation="", actor="user:a", now=NOW)
    assert work(place) == 1
    row.refresh_from_db()
    assert (row.state, row.approved_by) == ("applied", "user:a")
    assert "3 added" in row.apply_log
    assert resources(place) == ["after.", "cell.c1", "cell.c2"]
    assert selectors.applied_variables("staging") == VARIABLES
    assert AuditRecord.objects.filter(action__startswith="servers.").count() == 2

    same = ask(reason="again")
    work(place)
    same.refresh_from_db()
    assert (same.state, same.to_add) == ("applied", 0)  # nothing to do is over at once


def test_what_destroys_needs_the_name_and_a_second_person(place, ask):
    first = ask()
    work(place)
    services.approve_change(ulid=first.ulid, confirmation="", actor="user:a", now=NOW)
    work(place)
    row = ask(is_destroy=True, reason="moved away")
    work(place)
    for confirmation, actor in (("", "user:b"), ("production", "user:b"), ("staging", "user:a")):
        with pytest.raises(services.NotConfirmed):
            services.approve_change(ulid=row.ulid, confirmation=confirmation, actor=actor, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.to_destroy, row.approved_by) == ("planned", 3, "")
    services.approve_change(ulid=row.ulid, confirmation="staging", actor="user:b", now=NOW)
    work(place)
    assert resources(place) == []
    assert selectors.applied_variables("staging") is None


def test_a_failure_half_way_is_named_and_the_next_plan_goes_on_from_there(place, ask):
    (place / "modules" / "staging" / "broken").touch()
    row = ask()
    work(place)
    services.approve_change(ulid=row.ulid, confirmation="", actor="user:a", now=NOW)
    work(place)
    row.refresh_from_db()
    assert (row.state, row.failure) == ("failed", "terraform apply ended with 1")
    assert "local-exec" in row.apply_log
    assert "cell.c1" in resources(place)

    (place / "modules" / "staging" / "broken").unlink()
    again = ask(reason="again")
    work(place)
    again.refresh_from_db()
    assert again.state == "planned"
    assert again.to_add == 1  # the two cells stand
    services.approve_change(ulid=again.ulid, confirmation="staging", actor="user:b", now=NOW)
    work(place)
    again.refresh_from_db()
    assert again.state == "applied"


def test_a_variable_that_terraform_refuses_fails_the_plan(place, ask):
    row = ask(variables={**VARIABLES, "cells": 7})
    work(place)
    row.refresh_from_db()
    assert (row.state, row.failure) == ("failed", "terraform plan ended with 1")
    assert "for_each" in row.plan_log


def test_another_plan_than_the_approved_one_is_not_applied(place, ask):
    row = ask()
    work(place)
    services.approve_change(ulid=row.ulid, confirmation="", actor="user:a", now=NOW)
    (place / "home" / "staging" / f"{row.ulid}.tfplan").write_bytes(b"another")
    work(place)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "not the plan that was approved" in row.failure
    assert not (place / "modules" / "staging" / "terraform.tfstate").exists()


def test_one_open_change_an_environment(ask):
    ask()
    with pytest.raises(services.ChangeIsOpen):
        ask()
    assert ServerChange.objects.count() == 1
    ask(environment="production")
    assert ServerChange.objects.count() == 2


@pytest.mark.parametrize("changes, field", [({"environment": "test"}, "environment"), ({"reason": " "}, "reason")])
def test_a_change_without_place_or_reason_is_refused(ask, changes, field):
    with pytest.raises(InvalidInput) as refused:
        ask(**changes)
    assert refused.value.field == field
    assert not ServerChange.objects.exists()


@pytest.mark.parametrize(
    "text, word",
    [
        ("{", "JSON"),
        ("[]", "object"),
        (json.dumps({**VARIABLES, "cell": {}}), "cell"),
        (json.dumps({k: v for k, v in VARIABLES.items() if k != "image"}), "image"),
        (json.dumps({**VARIABLES, "cells": ["c1"]}), "cells"),
        (json.dumps({**VARIABLES, "extra_environment": {"SMS_PASSWORD": "x"}}), "SMS_PASSWORD"),
    ],
)
def test_variables_are_checked_before_anything_is_asked_for(text, word):
    with pytest.raises(services.VariablesRefused, match=word):
        services.read_variables(text)


def test_discarded_is_over_and_approved_twice_is_refused(place, ask):
    row = ask()
    work(place)
    services.approve_change(ulid=row.ulid, confirmation="", actor="user:a", now=NOW)
    with pytest.raises(services.NotPlanned):
        services.approve_change(ulid=row.ulid, confirmation="", actor="user:a", now=NOW)
    services.discard_change(ulid=row.ulid, actor="user:a", now=NOW)
    assert work(place) == 0
    with pytest.raises(services.NotPlanned):
        services.discard_change(ulid=row.ulid, actor="user:a", now=NOW)


def test_only_one_runner_works_on_an_environment(place, ask):
    row = ask()
    terraform = Terraform(module=place / "modules" / "staging", work=place / "home" / "staging")
    with terraform.alone():
        assert work(place) == 0
        with pytest.raises(Busy), Terraform(module=place, work=place / "home" / "staging").alone():
            pass
    row.refresh_from_db()
    assert row.state == "requested"
    assert work(place) == 1


def test_the_gateway_names_the_command_that_failed(tmp_path):
    (tmp_path / "main.tf").write_text("resource {")
    terraform = Terraform(module=tmp_path, work=tmp_path / "work")
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan("one", {})
    assert failed.value.command == "init"
    with pytest.raises(PlanChanged):
        terraform.apply("one", digest="0" * 64)


def test_pages_ask_approve_and_discard(client, place):
    operator = User.objects.create_user(email="op@example.test", name="Operator", is_staff=True, is_superuser=True)
    client.force_login(operator)
    refused = client.post("/console/servers/new", {"environment": "staging", "variables": "{", "reason": "x"})
    assert refused.status_code == 200
    assert "JSON" in refused.content.decode()
    assert not ServerChange.objects.exists()

    asked = client.post(
        "/console/servers/new", {"environment": "staging", "variables": json.dumps(VARIABLES), "reason": "first"}
    )
    row = ServerChange.objects.get()
    assert asked["Location"] == f"/console/servers/{row.ulid}/"
    work(place)
    page = client.get(asked["Location"]).content.decode()
    assert "terraform_data.cell" in page
    client.post(f"/console/servers/{row.ulid}/decide", {"decision": "approve"})
    work(place)
    row.refresh_from_db()
    assert row.state == "applied"
    assert "c2" in client.get("/console/servers/new?environment=staging").content.decode()
    assert client.get("/console/servers/").status_code == 200
