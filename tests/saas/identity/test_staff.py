"""Roles, invitations, the owner's hand-over, the audit trail."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from saas.identity import audit, services
from saas.identity.models import AuditRecord, Invitation, User
from saas.identity.roles import Role, ensure_roles, has_role, roles_of
from saas.identity.services.staff import LastOwner
from saas.identity.tokens import TokenRefused, seal
from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from saas.messaging.notices.models import Notice
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.selectors import mall_by_host
from tests.factories.people import NOW, make_staff, make_user, next_phone

LINK = "http://grocery.localhost/auth/invitation/{token}"


def invite(phone: str, *held: Role, now: dt.datetime | None = None) -> str:
    services.invite_staff(
        actor="user:OWNER",
        phone=phone,
        roles=held or (Role.GOODS,),
        link=LINK,
        mall_name="Green Basket",
        now=now or clock.now(),
    )
    return Notice.objects.filter(kind="staff_invitation", to_phone=phone).latest("pk").body.rsplit("/", 1)[1]


def test_roles_hold_what_they_need_and_no_more(grocery):
    goods, finance, owner = make_staff(Role.GOODS), make_staff(Role.FINANCE), make_staff(Role.OWNER)
    assert roles_of(goods) == {Role.GOODS} and has_role(owner, Role.FINANCE) and not has_role(goods, Role.FINANCE)
    assert not goods.has_perm("members.change_member") and not goods.has_perm("identity.view_auditrecord")
    assert owner.has_perm("members.change_member") and finance.has_perm("members.view_member")
    assert not finance.has_perm("members.change_member")
    ensure_roles()
    assert User.objects.get(pk=owner.pk).has_perm("members.change_member")


def test_member_without_staff_right_holds_no_role(grocery):
    user = make_user()
    user.groups.add(make_staff().groups.first())
    assert roles_of(user) == frozenset()


def test_invitation_makes_staff_once(grocery, browser):
    phone = next_phone()
    token = invite(phone, Role.GOODS, Role.ORDERS)
    client = browser()
    assert client.get(f"/auth/invitation/{token}").status_code == 200  # a preview does not use it up
    answer = client.post(f"/auth/invitation/{token}", {"name": "Li", "password": "a good long one"})
    assert answer["Location"] == "/backoffice/" and "_auth_user_id" in client.session
    user = User.objects.get(phone=phone)
    assert (user.name, user.is_staff, roles_of(user)) == ("Li", True, {Role.GOODS, Role.ORDERS})
    assert (
        browser().post(f"/auth/invitation/{token}", {"name": "Eve", "password": "a good long one"}).status_code == 403
    )
    assert User.objects.get(phone=phone).name == "Li"


@pytest.mark.parametrize("spoil", ["altered", "late", "revoked", "other mall"])
def test_spoilt_invitation_makes_nobody_staff(grocery, spoil):
    phone = next_phone()
    token, mall = invite(phone), grocery
    now = clock.now()
    if spoil == "altered":
        token = token[:-2] + ("aa" if token[-2:] != "aa" else "bb")
    elif spoil == "late":
        Invitation.objects.update(expires_at=now)
    elif spoil == "revoked":
        services.revoke_invitation(actor="user:OWNER", ulid=Invitation.objects.get(phone=phone).ulid, now=now)
    else:
        mall = mall_by_host("beauty.localhost")
    with in_mall(mall), pytest.raises(TokenRefused):
        services.accept_invitation(token=token, name="Eve", password="a good long one", now=now)
    assert not User.objects.filter(is_staff=True).exists()


def test_invitation_without_role_or_recipient_is_refused(grocery):
    for bad in ({"phone": next_phone(), "roles": []}, {"roles": [Role.GOODS]}):
        with pytest.raises(InvalidInput):
            services.invite_staff(actor="user:O", link=LINK, mall_name="M", now=NOW, **bad)
    assert not Invitation.objects.exists() and not Notice.objects.exists()


def test_last_owner_stays_owner(grocery):
    owner = make_staff(Role.OWNER)
    with pytest.raises(LastOwner):
        services.set_staff_roles(actor="user:O", user=owner, roles=[Role.GOODS], now=NOW)
    assert roles_of(User.objects.get(pk=owner.pk)) == {Role.OWNER}
    make_staff(Role.OWNER)
    services.set_staff_roles(actor="user:O", user=owner, roles=[], now=NOW)
    assert not User.objects.get(pk=owner.pk).is_staff


def hand_over(mall_ulid: str, phone: str = "+8613700000001", nonce: str = "n1") -> str:
    payload = {"nonce": nonce, "phone": phone, "email": "", "name": "Owner", "vendor_user": "01VENDOR"}
    return seal("hand_over", mall_ulid, payload)


def test_hand_over_makes_the_owner_and_opens_the_backoffice_once(grocery, browser):
    token = hand_over(grocery.ulid)
    client = browser()
    answer = client.get(f"/enter/{token}")
    assert (answer.status_code, answer["Location"]) == (302, "/backoffice/")
    owner = User.objects.get(phone="+8613700000001")
    assert roles_of(owner) == {Role.OWNER} and client.session["_auth_user_id"] == str(owner.pk)
    assert AuditRecord.objects.get(action="owner.entered").data == {"vendor_user": "01VENDOR"}
    assert browser().get(f"/enter/{token}").status_code == 403
    assert browser().get(f"/enter/{hand_over(grocery.ulid, nonce='n2')}").status_code == 302
    assert User.objects.count() == 1


def test_hand_over_of_another_mall_or_forged_is_refused(grocery, browser):
    good = hand_over(grocery.ulid)
    for token in (hand_over("01JBEAVTYBEAVTYBEAVTYBEAVT"), good[:-4] + "AAAA", "x", "é"):
        assert browser().get(f"/enter/{token}").status_code == 403
    assert not User.objects.exists()


def test_late_hand_over_is_refused(grocery, monkeypatch):
    token = hand_over(grocery.ulid)
    import time

    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 121)
    with pytest.raises(TokenRefused):
        services.accept_hand_over(token=token, now=NOW)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identity_auditrecord SET actor = 'nobody'",
        "DELETE FROM identity_auditrecord",
        "TRUNCATE identity_auditrecord",
    ],
)
def test_audit_trail_is_append_only(grocery, statement):
    audit.record("user:X", "something.happened")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditRecord.objects.get().actor == "user:X"


def test_triggers_refuse_the_owner_of_the_table_too(grocery):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'identity_auditrecord'::regclass AND NOT tgisinternal ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == ["identity_audit_rows", "identity_audit_truncate"]
