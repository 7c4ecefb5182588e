"""Control's side: operators, vendors signing in, minting the owner's hand-over."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from saas.identity import audit, services, tokens
from saas.identity.models import AuditRecord, User
from saas.identity.services.users import ContactTaken
from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput
from saas.messaging.notices.models import Notice

pytestmark = pytest.mark.django_db
MALL = "01JGRCERYGRCERYGRCERYGRCER"


def test_operator_is_made_once_with_every_right():
    user = services.create_operator(email="op@example.com", password="a good long one", name="Op", now=now())
    assert user.is_superuser and user.has_perm("identity.view_auditrecord")
    with pytest.raises(ContactTaken):
        services.create_operator(email="OP@example.com", password="a good long one", name="Op", now=now())
    assert User.objects.count() == 1


@pytest.mark.parametrize(("email", "password"), [("no mail", "a good long one"), ("op@example.com", "short")])
def test_bad_operator_is_refused(email, password):
    with pytest.raises(InvalidInput):
        services.create_operator(email=email, password=password, name="Op", now=now())
    assert not User.objects.exists()


def test_vendor_signs_in_by_code_to_mail_and_phone():
    for target in ("vendor@example.com", "13800009999"):
        client = Client()
        assert client.post("/auth/code/", {"target": target, "agree": "on", "next": "/signup"}).status_code == 302
        body = Notice.objects.latest("pk").body
        code = "".join(c for c in body if c.isdigit())[:6]
        assert client.post("/auth/code/confirm/", {"code": code})["Location"] == "/signup"
    assert sorted(User.objects.values_list("email", "phone")) == [("", "+8613800009999"), ("vendor@example.com", None)]


def test_hand_over_opens_in_its_mall_only(monkeypatch):
    user = User.objects.create_user(phone="+8613800000002", name="Owner")
    token = services.mint_hand_over(mall_ulid=MALL, user=user, now=now())
    with pytest.raises(tokens.TokenRefused):
        tokens.unseal("hand_over", token, max_age=120)  # control is not the mall
    assert "13800000002" not in token
    monkeypatch.setattr(tokens, "audience", lambda: MALL)
    opened = tokens.unseal("hand_over", token, max_age=120)
    assert (opened["phone"], opened["vendor_user"], len(opened["nonce"])) == ("+8613800000002", user.public_id, 32)
    assert AuditRecord.objects.get(action="mall.entered").target == f"mall:{MALL}"


def test_mailbox_and_audit_guard_exist_here_too():
    audit.record("user:X", "something.happened")
    assert Client().get("/_mailbox").status_code == 200
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM identity_auditrecord")
    assert AuditRecord.objects.count() == 1


def test_control_does_not_answer_the_malls_enter_page():
    assert Client().get("/enter/x").status_code == 404
