"""Money rules over HTTP: the schema is the settings model's, finance reads, owners publish."""

import json

import pytest
from django.conf import settings as django_settings

from saas.identity.roles import Role
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import SETTINGS
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff

DRAFT = {"values": {"rate_ppm": [60_000]}, "reason": "more"}


def signed_in(user: object) -> MallClient:
    client = MallClient()
    client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def owner(grocery: object) -> MallClient:
    return signed_in(make_staff(Role.OWNER))


def publish(client: MallClient, **changes: object) -> tuple[int, dict]:
    body = json.dumps(DRAFT | changes)
    answer = client.post("/api/modes/distribution/publish", body, content_type="application/json")
    return answer.status_code, answer.json()


def test_an_owner_publishes_and_reads_it_back(owner: MallClient) -> None:
    assert owner.get("/api/modes/distribution").json()["values"] is None
    status, made = publish(owner)
    assert (status, made["number"], made["values"]["rate_ppm"]) == (201, 1, [60_000])
    assert owner.get("/api/modes/distribution").json()["version"] == made["ulid"]
    assert [one["reason"] for one in owner.get("/api/modes/distribution/versions").json()] == ["more"]
    assert [one["mode"] for one in owner.get("/api/modes").json()] == list(SETTINGS)


def test_the_apis_schema_carries_each_setting_with_unit_and_range(owner: MallClient) -> None:
    document = owner.get("/api/openapi.json").json()
    settings = document["components"]["schemas"]["DistributionSettings"]["properties"]
    assert settings["withdraw_fee_ppm"]["unit"] == "percent"
    assert settings["withdraw_fee_ppm"]["maximum"] == 500_000
    assert list(owner.get("/api/modes/distribution/schema").json()["properties"]) == list(settings)
    assert list(settings) == list(SETTINGS["distribution"].model_fields)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"values": {"rate_ppm": [500_001]}}, 422, "invalid_input"),
        ({"values": {"rate_ppm": [1, 1, 1, 1]}}, 422, "invalid_input"),
        ({"values": {"headcount": 1}}, 422, "invalid_input"),
        ({"extra": 1}, 422, "invalid_input"),
        ({"values": {"rate_ppm": [1, 1, 1]}}, 422, "settings_refused"),
        ({"values": {}}, 409, "cautions_unread"),
        ({"expected_number": 3}, 409, "settings_changed"),
    ],
)
def test_refusals_publish_nothing(owner: MallClient, changes: dict, status: int, code: str) -> None:
    got, answer = publish(owner, **changes)
    assert (got, answer["code"]) == (status, code)
    assert not SettingsVersion.objects.exists()


def test_finance_reads_but_does_not_publish_and_members_do_neither(grocery: object) -> None:
    finance = signed_in(make_staff(Role.FINANCE))
    assert finance.get("/api/modes/distribution").status_code == 200
    assert publish(finance)[0] == 403
    member = signed_in(make_member().user)
    assert member.get("/api/modes").status_code == 403
    assert publish(member)[0] == 403
    assert MallClient().get("/api/modes").status_code == 401
    assert not SettingsVersion.objects.exists()


def test_preview_answers_for_what_holds_and_for_drafts(owner: MallClient) -> None:
    question = {"price_amount": 10000, "cost_amount": 6000, "ranks": [0, 0]}
    draft = {"mode": "distribution", "values": {"rate_ppm": [100_000]}}
    answer = owner.post("/api/modes/preview", {**question, "drafts": [draft]}, content_type="application/json").json()
    assert [row["amount"] for row in answer["in_force"]["rows"]] == [6000, 4000]
    assert [row["amount"] for row in answer["drafted"]["rows"]] == [6000, 1000, 3000]
    assert answer["drafted"]["awarded"] == 1000
    fourth = {"mode": "distribution", "values": {"rate_ppm": [1, 1, 1, 1]}}
    refused = owner.post("/api/modes/preview", {**question, "drafts": [fourth]}, content_type="application/json")
    assert refused.status_code == 422
    assert "rate_ppm" in refused.content.decode()
    assert not SettingsVersion.objects.exists()
