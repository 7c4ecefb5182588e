"""Promoting, exporting one's data, closing the account."""

import json

import pytest

from saas.identity.models import AuditRecord, User
from saas.kernel.errors import InvalidInput
from saas.kernel.states import IllegalTransition
from tenant_apps.members import selectors, services
from tenant_apps.members.models import Address, Member
from tenant_apps.members.rules import PromoterState
from tenant_apps.members.services.promoting import AccountClosed
from tests.factories.people import NOW, make_member
from tests.tenant_apps.members.test_addresses import GOOD


def test_promoting_is_free_and_approved_at_once_where_the_mall_says_so(grocery):
    quick, slow = make_member(), make_member()
    assert services.apply_to_promote(member=quick, approve_at_once=True, now=NOW) == PromoterState.APPROVED
    assert services.apply_to_promote(member=slow, approve_at_once=False, now=NOW) == PromoterState.APPLIED
    assert (quick.promoter, slow.promoter) == (True, False)
    services.decide_promoter(actor="user:S", member=slow, approve=True, now=NOW)
    assert selectors.member_by_ulid(slow.ulid).promoter
    with pytest.raises(IllegalTransition):
        services.decide_promoter(actor="user:S", member=slow, approve=True, now=NOW)


def test_asking_twice_changes_nothing(grocery):
    member = make_member(promoter=True)
    assert services.apply_to_promote(member=member, approve_at_once=False, now=NOW) == PromoterState.APPROVED
    assert AuditRecord.objects.filter(target=f"member:{member.ulid}").count() == 1


def test_export_holds_the_members_own_data_and_masks_nobody_elses_in(grocery):
    referrer = make_member(name="Referrer Name")
    member = make_member(referrer=referrer, name="王小明")
    services.add_address(member=member, given=GOOD, now=NOW)
    text = json.dumps(services.export_data(member=member, now=NOW), ensure_ascii=False)
    assert "王小明" in text and member.user.phone in text and "文三路" in text
    assert "Referrer Name" not in text and referrer.user.phone not in text


def test_closing_erases_the_person_and_keeps_the_chain(grocery):
    top = make_member()
    member = make_member(referrer=top, name="王小明", promoter=True)
    child = make_member(referrer=member)
    services.add_address(member=member, given=GOOD, now=NOW)
    phone = member.user.phone
    services.close_account(member=member, now=NOW)
    stored = Member.objects.select_related("user").get(pk=member.pk)
    assert (stored.name, stored.user.phone, stored.user.is_active, stored.closed_at) == ("", None, False, NOW)
    assert not Address.objects.filter(member=member).exists()
    assert not User.objects.filter(phone=phone).exists()
    assert [a.member_id for a in selectors.ancestors(child.pk)] == [member.pk, top.pk]
    with pytest.raises(AccountClosed):
        services.apply_to_promote(member=stored, approve_at_once=True, now=NOW)
    services.close_account(member=stored, now=NOW)


def test_name_is_bounded(grocery):
    member = make_member(name="Ann")
    for name in ("", "x" * 21):
        with pytest.raises(InvalidInput):
            services.update_profile(member=member, name=name)
    assert Member.objects.get(pk=member.pk).name == "Ann"
