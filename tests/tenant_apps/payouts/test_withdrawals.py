"""A member asks for money; staff decide; a rehearsal mall records the transfer by hand. Refusals change nothing."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import transaction

from saas.identity import services as identity
from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.ledger import selectors as book
from saas.tenants.malls.models import Mall
from tenant_apps.members.models import Member
from tenant_apps.payouts import selectors, services
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.payouts.rules import Payee
from tenant_apps.settlement import selectors as settlement_selectors
from tenant_apps.settlement import services as settlement
from tests.factories import sales
from tests.factories.people import make_member

NOW = sales.NOW
PAYEE = Payee("王小明", "招商银行 广州分行", "6225 8888 1234 5678")


@pytest.fixture
def rehearsal(grocery: object) -> object:
    """The grocery mall before it opened."""
    Mall.objects.filter(pk=grocery.pk).update(state="rehearsal")  # type: ignore[attr-defined]
    return grocery


@pytest.fixture
def promoter(grocery: object) -> Member:
    """Somebody with 500.00 in the wallet, from a sale of 10 000.00."""
    member = make_member(name="王小明", promoter=True)
    buyer = make_member(referrer=member)
    pins = {"distribution": sales.publish().ulid}
    order = sales.paid_order(buyer, [member], [sales.line(1_000_000)], pins=pins)
    settlement.release_order(order=order, now=NOW)
    return member


def request(member: Member, amount: int = 20_000, key: str = "key-0001", **more: object) -> Withdrawal:
    arguments = {"payee": PAYEE, "now": NOW, **more}
    return services.request_withdrawal(member=member, amount=amount, idempotency_key=key, **arguments)  # type: ignore[arg-type]


def wallet(member: Member) -> SimpleNamespace:
    summary = settlement_selectors.wallet_summary(member.ulid)
    return SimpleNamespace(available=summary.available, held=summary.in_withdrawal, debt=summary.debt)


def test_the_amount_is_held_and_the_payee_sealed(promoter: Member) -> None:
    row = request(promoter)
    assert (row.amount, row.fee_amount, row.net_amount, row.state) == (20_000, 1_400, 18_600, "requested")
    assert (wallet(promoter).available, wallet(promoter).held) == (30_000, 20_000)
    assert (row.real_name_shown, row.account_shown) == ("王*明", "**** 5678")
    assert "6225" not in row.account_sealed
    assert "王" not in row.real_name_sealed
    assert selectors.payee(row) == Payee("王小明", "招商银行 广州分行", "6225888812345678")
    record = AuditRecord.objects.get(action="withdrawal.requested")
    assert record.actor == f"member:{promoter.ulid}"
    assert "6225" not in str(record.data)


def test_the_fee_is_rounded_up(promoter: Member) -> None:
    assert request(promoter, 10_001).fee_amount == 701


def test_the_same_submission_is_one_withdrawal(promoter: Member) -> None:
    assert request(promoter).pk == request(promoter).pk
    assert Withdrawal.objects.count() == 1
    assert wallet(promoter).held == 20_000
    with pytest.raises(services.WithdrawalConflict):
        request(promoter, 10_000)


@pytest.mark.parametrize(
    ("amount", "more", "error"),
    [
        (9_999, {}, services.BelowMinimum),
        (50_001, {}, services.AboveAvailable),
        (0, {}, services.BelowMinimum),
        (-10_000, {}, services.BelowMinimum),
        (20_000, {"expected_fee": 1}, InvalidInput),
        (20_000, {"payee": Payee("", "Bank", "62258888")}, services.PayeeInvalid),
        (20_000, {"payee": Payee("王小明", "Bank", "no account")}, services.PayeeInvalid),
        (20_000, {"payee": Payee("王小明", "", "62258888")}, services.PayeeInvalid),
    ],
)
def test_refuses_and_holds_nothing(promoter: Member, amount: int, more: dict, error: type) -> None:
    with pytest.raises(error), transaction.atomic():
        request(promoter, amount, **more)
    assert not Withdrawal.objects.exists()
    assert (wallet(promoter).available, wallet(promoter).held) == (50_000, 0)


def test_three_requests_a_day(promoter: Member) -> None:
    for number in range(3):
        request(promoter, 10_000, key=f"key-{number}")
    with pytest.raises(services.TooManyToday):
        request(promoter, 10_000, key="key-3")
    tomorrow = NOW + dt.timedelta(days=1)
    assert request(promoter, 10_000, key="key-4", now=tomorrow).state == "requested"
    assert Withdrawal.objects.count() == 4


def test_approved_and_transferred_by_hand_clears_to_zero(rehearsal: object, promoter: Member) -> None:
    row = request(promoter)
    services.approve(actor="user:01STAFF", ulid=row.ulid, now=NOW)
    paid = services.record_manual_transfer(actor="user:01STAFF", ulid=row.ulid, reference="BOC-1", now=NOW)
    assert (paid.state, paid.paid_by, paid.transfer_reference) == ("paid", "user:01STAFF", "BOC-1")
    assert (wallet(promoter).available, wallet(promoter).held) == (30_000, 0)
    assert book.uncleared() == []
    sums = sales.posted()
    assert (sums["bank"], sums["fee"], sums["member.wallet"]) == (18_600, 1_400, 30_000)
    actions = AuditRecord.objects.filter(target=row.document).values_list("action", flat=True)
    assert list(actions) == ["withdrawal.requested", "withdrawal.approved", "withdrawal.paid"]
    with pytest.raises(IllegalTransition):
        services.record_manual_transfer(actor="user:01STAFF", ulid=row.ulid, reference="BOC-1", now=NOW)
    assert sales.posted() == sums


def test_a_live_mall_refuses_a_manual_transfer_and_says_why(promoter: Member) -> None:
    row = request(promoter)
    services.approve(actor="user:01STAFF", ulid=row.ulid, now=NOW)
    before = sales.posted()
    with pytest.raises(services.ManualPayoutForbidden) as refused:
        services.record_manual_transfer(actor="user:01STAFF", ulid=row.ulid, reference="BOC-1", now=NOW)
    assert "13" in refused.value.text
    assert "16" in refused.value.text
    row.refresh_from_db()
    assert (row.state, row.paid_at) == ("approved", None)
    assert sales.posted() == before
    assert wallet(promoter).held == 20_000


def test_a_rejected_request_gives_the_money_back_with_a_reason(promoter: Member) -> None:
    row = request(promoter)
    with pytest.raises(InvalidInput):
        services.reject(actor="user:01STAFF", ulid=row.ulid, reason=" ", now=NOW)
    services.reject(actor="user:01STAFF", ulid=row.ulid, reason="name and account differ", now=NOW)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("rejected", "name and account differ")
    assert (wallet(promoter).available, wallet(promoter).held) == (50_000, 0)
    with pytest.raises(IllegalTransition):
        services.approve(actor="user:01STAFF", ulid=row.ulid, now=NOW)


def test_a_member_takes_back_only_his_own_undecided_request(promoter: Member) -> None:
    row = request(promoter)
    with pytest.raises(NotFound):
        services.cancel_withdrawal(member=make_member(), ulid=row.ulid, now=NOW)
    services.cancel_withdrawal(member=promoter, ulid=row.ulid, now=NOW)
    assert (wallet(promoter).available, wallet(promoter).held) == (50_000, 0)
    second = request(promoter, key="key-0002")
    services.approve(actor="user:01STAFF", ulid=second.ulid, now=NOW)
    with pytest.raises(IllegalTransition):
        services.cancel_withdrawal(member=promoter, ulid=second.ulid, now=NOW)


def test_nobody_decides_about_his_own_withdrawal(rehearsal: object, promoter: Member) -> None:
    row = request(promoter)
    me = f"user:{promoter.user.public_id}"
    with pytest.raises(services.OwnWithdrawal):
        services.approve(actor=me, ulid=row.ulid, now=NOW)
    with pytest.raises(services.OwnWithdrawal):
        services.reject(actor=me, ulid=row.ulid, reason="x", now=NOW)
    services.approve(actor="user:01STAFF", ulid=row.ulid, now=NOW)
    with pytest.raises(services.OwnWithdrawal):
        services.record_manual_transfer(actor=me, ulid=row.ulid, reference="BOC-1", now=NOW)
    row.refresh_from_db()
    assert row.state == "approved"


def indebted(member: Member) -> None:
    """A sale is refunded after its award was withdrawn as far as possible: what is short becomes a debt."""
    buyer = make_member(referrer=member)
    pins = {"distribution": sales.publish().ulid}
    order = sales.paid_order(buyer, [member], [sales.line(1_000_000)], pins=pins)
    settlement.release_order(order=order, now=NOW)
    request(member, 80_000, key="all-of-it")
    refund = sales.refund_of(order.lines[0], 1_000_000)
    settlement.apply_refund(order=order, refund=refund, now=NOW)
    sales.return_money(refund)


def test_a_debt_blocks_requests_approval_and_transfer(rehearsal: object, promoter: Member) -> None:
    indebted(promoter)
    assert wallet(promoter).__dict__ == {"available": 0, "held": 80_000, "debt": 30_000}
    row = Withdrawal.objects.get()
    with pytest.raises(services.DebtOutstanding):
        request(promoter, 10_000, key="key-0009")
    with pytest.raises(services.DebtOutstanding):
        services.approve(actor="user:01STAFF", ulid=row.ulid, now=NOW)
    assert Withdrawal.objects.get().state == "requested"


def test_a_rejected_request_settles_the_debt_first(promoter: Member) -> None:
    indebted(promoter)
    services.reject(actor="user:01STAFF", ulid=Withdrawal.objects.get().ulid, reason="debt", now=NOW)
    assert wallet(promoter).__dict__ == {"available": 50_000, "held": 0, "debt": 0}
    assert book.uncleared() == []


def test_looking_at_the_payee_is_recorded(promoter: Member) -> None:
    row = request(promoter)
    assert services.look_at_payee(actor="user:01STAFF", ulid=row.ulid).account == "6225888812345678"
    assert AuditRecord.objects.filter(action="withdrawal.payee_shown", actor="user:01STAFF").count() == 1


def test_the_other_mall_knows_no_such_withdrawal(grocery: object, promoter: Member, beauty: object) -> None:
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):  # type: ignore[arg-type]
        row = request(promoter)
    with in_mall(beauty), pytest.raises(NotFound):  # type: ignore[arg-type]
        services.approve(actor="user:01STAFF", ulid=row.ulid, now=NOW)
    with in_mall(grocery):  # type: ignore[arg-type]
        assert Withdrawal.objects.get().state == "requested"


def test_a_large_one_takes_two_persons_in_an_open_mall_and_neither_is_the_payee(promoter: Member) -> None:
    sales.publish("settlement", two_persons_from_fen=20_000)
    row, payee = request(promoter), f"user:{promoter.user.public_id}"
    for second in ("", "user:anna"):
        with pytest.raises(identity.SecondPersonNeeded) as needed, transaction.atomic():
            services.approve_withdrawal(actor="user:anna", ulid=row.ulid, approved_by=second, now=NOW)
    assert needed.value.asked["payload"] == {"withdrawal": row.ulid}
    with pytest.raises(services.OwnWithdrawal), transaction.atomic():
        services.approve_withdrawal(actor="user:anna", ulid=row.ulid, approved_by=payee, now=NOW)
    assert selectors.withdrawal(row.ulid).state == "requested"
    services.approve_withdrawal(actor="user:anna", ulid=row.ulid, approved_by="user:bo", now=NOW)
    assert selectors.withdrawal(row.ulid).state == "approved"
    assert AuditRecord.objects.get(action="withdrawal.approved").data["approved_by"] == "user:bo"
    small = request(promoter, 19_999, "key-0002")
    assert services.approve_withdrawal(actor="user:anna", ulid=small.ulid, now=NOW).state == "approved"
