"""From an application to a contract that runs, ends, is handed on; refusals change nothing; each step is in the trail."""

import datetime as dt

import pytest

from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import handlers, selectors, services
from tenant_apps.modes.regional.contracts import ContractState
from tenant_apps.modes.regional.models import Area, Contract
from tests.factories.people import NOW, make_member
from tests.factories.regions import STAFF, holder, licence

TIANHE = "440106"
TEXT = "the contract as it is shown"
DAY = dt.timedelta(days=1)


def applied(member=None, **changes):
    values = {
        "member": member or make_member(),
        "grade": Grade.DISTRICT,
        "code": TIANHE,
        "licence_company": "广州天河商贸有限公司",
        "licence_number": licence(),
        "now": NOW,
        **changes,
    }
    return services.apply_for_area(**values)


def approved(contract, **changes):
    values = {
        "contract_ulid": contract.ulid,
        "invested_amount": 3_000_000,
        "months": 12,
        "licence_checked": True,
        "actor": STAFF,
        "now": NOW,
        "reason": "met in person",
        **changes,
    }
    return services.approve_contract(**values)


def accepted(contract, now=NOW, **changes):
    values = {
        "contract_ulid": contract.ulid,
        "member": contract.member,
        "text": TEXT,
        "accepted_digest": services.text_digest(TEXT),
        "now": now,
        **changes,
    }
    return services.accept_contract(**values)


def test_applied_approved_accepted_and_over(grocery):
    contract = accepted(approved(applied()), now=NOW + DAY)
    assert contract.state == ContractState.ACTIVE
    assert (contract.from_at, contract.until_at) == (NOW + DAY, (NOW + DAY).replace(year=2027))
    assert contract.text_digest == services.text_digest(TEXT)
    trail = AuditRecord.objects.filter(target=f"contract:{contract.ulid}").order_by("pk")
    assert [(one.action, one.actor) for one in trail] == [
        ("contract.applied", f"member:{contract.member.ulid}"),
        ("contract.approved", STAFF),
        ("contract.accepted", f"member:{contract.member.ulid}"),
    ]
    due = OutboxEvent.objects.get(topic="regional.contract_due")
    assert due.available_at == contract.until_at
    assert not services.end_if_over(contract_ulid=contract.ulid, now=contract.until_at - DAY)
    assert services.end_if_over(contract_ulid=contract.ulid, now=contract.until_at)
    contract.refresh_from_db()
    assert (contract.state, contract.reason) == (ContractState.ENDED, "term_over")


def test_rule_16_and_17_an_agent_needs_a_checked_licence(grocery):
    with pytest.raises(services.LicenceInvalid) as refused:
        applied(licence_number="91440101MA59ABCD10")
    assert refused.value.field == "licence_number"
    assert not Contract.objects.exists() and not Area.objects.exists()
    contract = applied()
    with pytest.raises(services.LicenceUnverified):
        approved(contract, licence_checked=False)
    contract.refresh_from_db()
    assert (contract.state, contract.invested_amount) == (ContractState.APPLIED, 0)


def test_rule_17_there_is_no_place_for_a_promised_return(grocery):
    names = {field.name for model in (Area, Contract) for field in model._meta.get_fields()}
    words = ("return", "yield", "interest", "guarantee", "promise", "dividend", "profit")
    assert [name for name in names if any(word in name for word in words)] == []
    with pytest.raises(TypeError):
        approved(applied(), promised_return_ppm=100_000)


def test_rule_17_above_ten_owners_is_a_caution_and_above_200_a_refusal(grocery):
    area = holder(make_member()).area
    for number in range(9):
        holder(make_member(), invested=number + 1)
    contract = applied()
    with pytest.raises(services.ManyOwnersUnread):
        approved(contract)
    assert approved(contract, accept_cautions=True).state == ContractState.APPROVED
    for _ in range(189):
        Contract.objects.create(
            ulid=make_member().ulid,
            area=area,
            member=make_member(),
            state="approved",
            invested_amount=1,
            applied_at=NOW,
        )
    last = applied()
    with pytest.raises(services.TooManyOwners):
        approved(last, accept_cautions=True)
    last.refresh_from_db()
    assert last.state == ContractState.APPLIED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"invested_amount": 0}, "invested_amount"),
        ({"months": 0}, "months"),
        ({"months": 121}, "months"),
        ({"reason": " "}, "reason"),
    ],
)
def test_bad_terms_are_refused_by_field(grocery, changes, field):
    contract = applied()
    with pytest.raises(InvalidInput) as refused:
        approved(contract, **changes)
    assert refused.value.field == field
    contract.refresh_from_db()
    assert contract.state == ContractState.APPLIED


def test_another_text_than_the_one_shown_is_not_accepted(grocery):
    contract = approved(applied())
    with pytest.raises(services.ContractNotAccepted):
        accepted(contract, accepted_digest=services.text_digest("another"))
    with pytest.raises(NotFound):
        accepted(contract, member=make_member())
    contract.refresh_from_db()
    assert contract.state == ContractState.APPROVED


def test_what_is_agreed_but_not_signed_takes_its_part_and_gives_it_back_when_refused(grocery):
    area = services.open_area(grade=Grade.DISTRICT, code=TIANHE, total_amount=4_000_000, actor=STAFF, now=NOW)
    contract = approved(applied())
    assert selectors.held_amount(area, now=NOW) == (3_000_000, 1)
    assert selectors.areas_of_address(district_code=TIANHE, now=NOW) == ()  # and earns nothing yet
    with pytest.raises(services.SharesAboveWhole):
        approved(applied())
    services.refuse_contract(contract_ulid=contract.ulid, reason="did not sign", actor=STAFF, now=NOW)
    assert selectors.held_amount(area, now=NOW) == (0, 0)
    with pytest.raises(IllegalTransition):
        services.refuse_contract(contract_ulid=contract.ulid, reason="again", actor=STAFF, now=NOW)


def test_after_a_refusal_one_may_apply_again(grocery):
    member = make_member()
    first = applied(member)
    with pytest.raises(services.AgentTwice):
        applied(member)
    services.refuse_contract(contract_ulid=first.ulid, reason="no", actor=STAFF, now=NOW)
    assert applied(member).pk != first.pk


def test_a_transfer_keeps_terms_and_end_and_changes_who_earns_from_then_on(grocery):
    before = holder(make_member(), invested=5_000_000)
    heir = make_member()
    after = services.transfer_contract(
        contract_ulid=before.ulid,
        member=heir,
        licence_company="继任商贸有限公司",
        licence_number=licence(7),
        licence_checked=True,
        paper_number="GD-2026-002",
        reason="company sold",
        actor=STAFF,
        now=NOW + 30 * DAY,
    )
    before.refresh_from_db()
    assert (before.state, after.state, after.until_at) == (ContractState.ENDED, ContractState.ACTIVE, before.until_at)
    assert after.invested_amount == 5_000_000
    holders = selectors.areas_of_address(district_code=TIANHE, now=NOW + 31 * DAY)[0].holders
    assert [(one.agent, one.weight) for one in holders] == [(heir.ulid, 5_000_000)]


def test_a_gift_pack_asks_once_for_an_agency_that_the_staff_then_approves(grocery):
    buyer = make_member()
    payload = {
        "member": buyer.ulid,
        "order": "01ORDER",
        "line": "01LINE",
        "grade": "district",
        "code": TIANHE,
        "invested_amount": 999_00,
        "months": 12,
    }
    event = Event("01E", "agency.requested", grocery.ulid, 1, payload, NOW)
    handlers.on_agency_requested(event)
    handlers.on_agency_requested(event)
    contract = Contract.objects.get()
    assert (contract.state, contract.invested_amount, contract.source) == ("applied", 999_00, "gift_pack")
    with pytest.raises(services.LicenceUnverified):
        approved(contract, invested_amount=contract.invested_amount)
    services.supply_licence(
        contract_ulid=contract.ulid,
        member=buyer,
        licence_company="广州天河商贸有限公司",
        licence_number=licence(),
        now=NOW,
    )
    assert approved(contract, invested_amount=contract.invested_amount).state == ContractState.APPROVED


def test_terms_of_an_area_cannot_fall_below_what_is_held(grocery):
    contract = holder(make_member(), invested=3_000_000, total_amount=5_000_000)
    common = {"area_ulid": contract.area.ulid, "reason": "new terms", "actor": STAFF, "now": NOW}
    with pytest.raises(services.SharesAboveWhole):
        services.change_area(total_amount=2_000_000, is_exclusive=False, takes_applications=True, **common)
    contract.area.refresh_from_db()
    assert contract.area.total_amount == 5_000_000
    changed = services.change_area(total_amount=3_000_000, is_exclusive=True, takes_applications=False, **common)
    assert (changed.total_amount, changed.is_exclusive, changed.takes_applications) == (3_000_000, True, False)
    with pytest.raises(services.AreaClosed):
        applied()
