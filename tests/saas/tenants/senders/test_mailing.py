"""E-mail by SMTP, to a real server on loopback."""

import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from saas.kernel import clock
from saas.messaging.notices import services as notices
from saas.messaging.notices.models import Notice
from saas.tenants.senders import selectors, services
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import Provider

pytestmark = pytest.mark.django_db


class Postbox:
    """Keeps what arrives; `answer` is what it says to the recipient."""

    def __init__(self):
        self.got, self.answer = [], ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


def let_in(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data == LoginPassword(b"shop", b"right password")
    return AuthResult(success=right, handled=right)


@pytest.fixture
def postbox():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Postbox()
    running = Controller(box, "127.0.0.1", port, authenticator=let_in, auth_require_tls=False, auth_required=True)
    running.start()
    box.fields = {
        "host": "127.0.0.1", "port": str(port), "security": "none", "user": "shop", "password": "right password",
        "from_email": "shop@grocery.test", "from_name": "青禾",
    }  # fmt: skip
    yield box
    running.stop()


def store(fields):
    return services.store_sender(provider=Provider.SMTP, fields=fields, actor="user:x", now=clock.now())


def send(key: str) -> Notice:
    context = {"number": "SO1", "amount": "12.00"}
    notice = notices.send_notice(kind="order_paid", to_email="li@example.test", context=context, key=key)
    notices.finish_attempt(notices.begin_attempt(notice.ulid, now=clock.now()), now=clock.now())
    return Notice.objects.get(pk=notice.pk)


def test_mail_goes_out_from_the_malls_own_address(grocery, postbox):
    with pytest.raises(services.SenderRefused) as refused:
        store({**postbox.fields, "password": "wrong"})
    assert [(one.name, one.detail) for one in refused.value.checks if not one.passed] == [
        ("password", "The server does not take this user and password.")
    ]
    with pytest.raises(services.BadSenderField):
        store({**postbox.fields, "from_email": "no address"})
    assert not Sender.objects.exists()
    store(postbox.fields)
    notice = send("a")
    (mail,) = postbox.got
    assert notice.state == "sent" and mail["Message-ID"] == f"<{notice.ulid}@grocery.test>"
    assert (mail["From"], mail["To"]) == ("青禾 <shop@grocery.test>", "li@example.test")
    assert "SO1" in mail.get_content()
    postbox.answer = "451 later"
    assert send("b").state == "queued"
    postbox.answer = "550 no such user"
    assert (send("c").state, len(postbox.got)) == ("failed", 1)


def test_private_addresses_are_refused_in_production(grocery, postbox, settings):
    settings.ENVIRONMENT = "production"
    with pytest.raises(services.BadSenderField):
        store(postbox.fields)  # its port and its want of TLS
    with pytest.raises(services.SenderRefused) as refused:
        store({**postbox.fields, "port": "587", "security": "starttls"})
    assert refused.value.checks[0].detail == "This host leads into a private network."
    assert not selectors.can_reach_people("email") and not Sender.objects.exists() and not postbox.got
