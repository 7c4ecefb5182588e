"""Signing up makes a vendor, a place, a host claim, acceptances, a checklist and a run: together or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from billing import selectors as billing
from provisioning.orchestrator import services as provisioning
from provisioning.orchestrator.models import Run, RunStep
from saas.identity.models import User
from saas.kernel.errors import NotFound
from saas.messaging.bus.models import OutboxEvent
from saas.support.models import LaunchItem
from saas.tenants.vendors import cells
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import AgreementAcceptance, HostClaim, Place, Vendor

COUNTED = (Vendor, Place, HostClaim, AgreementAcceptance, LaunchItem, Run, RunStep, OutboxEvent)


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]


def test_makes_everything_at_once(sign_up, owner, now):
    run = sign_up()
    place = run.place
    assert (place.vendor.company, place.name, place.state) == (
        "Hangzhou Green Basket Co., Ltd.",
        "Green Basket",
        "provisioning",
    )
    assert HostClaim.objects.get(place=place).host == "greenbasket.localhost"
    assert sorted(AgreementAcceptance.objects.values_list("kind", "version")) == [
        ("data", "2026-11"),
        ("service", "2026-11"),
    ]
    assert [step.name for step in run.steps.order_by("position")] == [
        "schema",
        "starter_data",
        "media_storage",
        "domain",
        "smoke_test",
    ]
    event = OutboxEvent.objects.get(topic="provision.requested")
    assert (event.destination, event.mall) == ("c1", place.mall)
    assert event.payload["owner"] == {"phone": "+8613800138000", "email": "", "name": "Lin Yue"}
    assert event.payload["host"] == "greenbasket.localhost"
    assert event.payload["entitlements"]["products_max"] == 5000


def test_a_repeated_request_changes_nothing(sign_up):
    first = sign_up()
    before = counts()
    assert sign_up(company="Somebody else", subdomain="other").ulid == first.ulid
    assert counts() == before


@pytest.mark.parametrize(
    ("subdomain", "refusal"),
    [
        ("ab", vendors.SubdomainMalformed),
        ("-green", vendors.SubdomainMalformed),
        ("green-", vendors.SubdomainMalformed),
        ("gre--en", vendors.SubdomainMalformed),
        ("xn--fiqs8s", vendors.SubdomainMalformed),
        ("12345", vendors.SubdomainMalformed),
        ("green basket", vendors.SubdomainMalformed),
        ("绿篮子", vendors.SubdomainMalformed),
        ("a.b.c", vendors.SubdomainMalformed),
        ("x" * 33, vendors.SubdomainMalformed),
        ("", vendors.SubdomainMalformed),
        ("admin", vendors.SubdomainReserved),
        ("WWW", vendors.SubdomainReserved),
        (" Console ", vendors.SubdomainReserved),
    ],
)
def test_refuses_a_subdomain_that_cannot_be_had(sign_up, subdomain, refusal):
    before = counts()
    with pytest.raises(refusal) as refused:
        sign_up(subdomain=subdomain)
    assert refused.value.field == "subdomain"
    assert counts() == before


def test_refuses_a_subdomain_that_is_taken(sign_up):
    sign_up()
    before = counts()
    stranger = User.objects.create_user(phone="+8613900139000", phone_verified=True)
    with pytest.raises(vendors.SubdomainTaken):
        sign_up(owner=stranger, subdomain="GreenBasket", key="signup-2")
    assert counts() == before


def test_refuses_without_both_agreements(sign_up):
    before = counts()
    with pytest.raises(vendors.AgreementMissing):
        sign_up(agreements=["service"])
    assert counts() == before


def test_refuses_an_unknown_plan(sign_up):
    before = counts()
    with pytest.raises(NotFound):
        sign_up(plan_code="free-for-all")
    assert counts() == before


def test_refuses_when_every_cell_is_full(sign_up, cell):
    cell.ceiling = 1
    cell.save()
    sign_up()
    before = counts()
    with pytest.raises(cells.NoCellFree):
        sign_up(subdomain="second", key="signup-2")
    assert counts() == before


def test_a_full_cell_is_followed_by_the_next(sign_up, cell):
    cell.ceiling = 1
    cell.save()
    vendors.ensure_cell(cell_id="c2", internal_origin="http://127.0.0.1:8200")
    assert sign_up().place.cell.cell_id == "c1"
    assert sign_up(subdomain="second", key="signup-2").place.cell.cell_id == "c2"


def test_three_plans_are_on_the_price_list(db):
    assert [(plan.code, plan.price_fen) for plan in billing.price_list()] == [
        ("starter", 39_900),
        ("growth", 129_900),
        ("enterprise", 5_980_000),
    ]


def test_of_many_who_want_one_host_exactly_one_gets_it(committed, now):
    vendors.ensure_cell(cell_id="c1", internal_origin="http://127.0.0.1:8100")
    people = [User.objects.create_user(phone=f"+861380013800{n}", name=f"Person {n}") for n in range(8)]

    def ask(number: int) -> str:
        try:
            provisioning.sign_up(
                owner=people[number],
                company=f"Company {number}",
                contact_name="Somebody",
                mall_name="Mall",
                subdomain="wanted",
                plan_code="starter",
                key=f"race-{number}",
                actor="system",
                now=now,
            )
        except vendors.SubdomainTaken:
            return "taken"
        finally:
            connection.close()
        return "mine"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert sorted(answers) == ["mine"] + ["taken"] * 7
    assert (Vendor.objects.count(), Place.objects.count(), Run.objects.count()) == (1, 1, 1)


def test_the_same_request_twice_at_once_is_one_run(committed, now):
    vendors.ensure_cell(cell_id="c1", internal_origin="http://127.0.0.1:8100")
    person = User.objects.create_user(phone="+8613800138000")

    def ask(_: int) -> str:
        try:
            return provisioning.sign_up(
                owner=person,
                company="Company",
                contact_name="Somebody",
                mall_name="Mall",
                subdomain="wanted",
                plan_code="starter",
                key="one-click",
                actor="system",
                now=now,
            ).ulid
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
    assert Run.objects.count() == 1
