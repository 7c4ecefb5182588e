"""The platform's own text messages: near the month's ceiling and at it its owners are told once, the start page says so."""

import pytest
from django.test import Client
from django.utils import translation

from saas.identity.models import User
from saas.kernel import clock
from saas.messaging.notices import services as notices
from saas.messaging.notices.models import Notice
from saas.tenants.senders import services
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import Provider
from tests.saas.tenants.senders.conftest import sandbox  # noqa: F401

pytestmark = pytest.mark.django_db


def send(key: str) -> Notice:
    notice = notices.send_notice(
        kind="sign_in_code", to_phone="+8613800001234", context={"code": "123456", "minutes": 5}, key=key
    )
    message = notices.begin_attempt(notice.ulid, now=clock.now())
    assert message is not None
    notices.finish_attempt(message, now=clock.now())
    notice.refresh_from_db()
    return notice


def test_owners_are_told_at_the_reserve_and_at_the_end_and_the_start_page_says_it(sandbox):  # noqa: F811
    owner = User.objects.create_user(email="op@example.test", name="Olga", is_staff=True, is_superuser=True)
    User.objects.create_user(email="desk@example.test", is_staff=True)
    console = Client(HTTP_ACCEPT_LANGUAGE="en")
    console.force_login(owner)
    services.connect_sandbox(provider=Provider(sandbox.name), actor="user:x", now=clock.now())
    services.change_ceiling(ceiling=5, actor="user:x", now=clock.now())

    assert [send(f"a{number}").state for number in range(3)] == ["sent"] * 3
    assert "data-incidents" not in console.get("/console/").content.decode()
    assert send("b").state == "sent"
    page = console.get("/console/").content.decode()
    assert "4 of 5 this month; only codes for signing in still go out." in page
    assert [one.to_email for one in Notice.objects.filter(kind="sender_ceiling")] == ["op@example.test"]
    assert send("c").state == "sent"
    assert "all 5 of this month are used; nothing goes out any more." in console.get("/console/").content.decode()
    with translation.override("en"):
        refused = [send(f"d{number}") for number in range(2)]
    assert {(one.state, one.last_error) for one in refused} == {
        ("stopped", "the month’s ceiling of 5 text messages is reached")
    }
    assert (
        Notice.objects.filter(kind="sender_full").count() == Notice.objects.filter(kind="sender_ceiling").count() == 1
    )
    Sender.objects.update(healthy=False, detail="The signature is not approved.")
    page = console.get("/console/").content.decode()
    assert "An account for messages does not work: The signature is not approved." in page
    services.change_ceiling(ceiling=100, actor="user:x", now=clock.now())
    assert "text messages" not in console.get("/console/").content.decode()
