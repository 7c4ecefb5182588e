"""Notices: once a key, sent after the commit, tried again, wiped where secret; the mailbox of demonstrations."""

import datetime as dt
import sys
import types

import pytest
from django.utils import translation

from saas.messaging.bus.models import OutboxEvent
from saas.messaging.notices import kinds, services
from saas.messaging.notices.gateways import Refused, TryLater
from saas.messaging.notices.models import Notice
from saas.messaging.notices.rules import MAX_ATTEMPTS, NoticeState
from tests.factories.browser import MallClient

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)


def queue(key: str = "k", kind: str = "sign_in_code", **extra: object) -> Notice:
    context = {"code": "123456", "minutes": 5, **extra}
    return services.send_notice(kind=kind, to_phone="+8613800001234", context=context, key=key)


@pytest.fixture
def provider(settings):
    """An SMS provider of the tests: `answer` may be set to an exception; `got` is what arrived."""
    module = types.ModuleType("tests_provider")
    module.got, module.answer = [], None

    def send(message):
        module.got.append(message)
        if module.answer is not None:
            raise module.answer

    module.send = send
    sys.modules["tests_provider"] = module
    settings.NOTICE_GATEWAYS = {**settings.NOTICE_GATEWAYS, "sms": "tests_provider"}
    yield module
    del sys.modules["tests_provider"]


def attempt(notice: Notice) -> None:
    message = services.begin_attempt(notice.ulid, now=NOW)
    if message is not None:
        services.finish_attempt(message, now=NOW)


def test_same_key_sends_once(grocery, provider):
    first, second = queue("k"), queue("k")
    assert first.pk == second.pk and OutboxEvent.objects.filter(topic="notice.queued").count() == 1
    attempt(first)
    attempt(first)
    assert len(provider.got) == 1
    assert Notice.objects.get().state == NoticeState.SENT
    assert not OutboxEvent.objects.filter(topic="notice.queued", available_at__gt=NOW, key=f"{first.ulid}:1").exists()


def test_text_follows_the_language(grocery):
    with translation.override("en"):
        assert queue("en").body.startswith("Your code is 123456")
    with translation.override("zh-hans"):
        assert "123456" in queue("zh").body


def test_failure_that_may_pass_is_tried_again_and_given_up_in_the_end(grocery, provider):
    provider.answer = TryLater("busy")
    notice = queue()
    for number in range(1, MAX_ATTEMPTS + 1):
        attempt(notice)
        assert OutboxEvent.objects.filter(key=f"{notice.ulid}:{number}", done_at=None).exists()
    attempt(notice)
    assert len(provider.got) == MAX_ATTEMPTS
    assert (Notice.objects.get().state, Notice.objects.get().last_error) == (NoticeState.FAILED, "busy")


def test_final_refusal_is_not_tried_again(grocery, provider):
    provider.answer = Refused("no such number")
    notice = queue()
    attempt(notice)
    attempt(notice)
    assert len(provider.got) == 1 and Notice.objects.get().state == NoticeState.FAILED


def test_secret_text_is_wiped_in_production(grocery, provider, settings):
    settings.ENVIRONMENT = "production"
    notice = queue()
    attempt(notice)
    stored = Notice.objects.get()
    assert "123456" in provider.got[0].body and (stored.subject, stored.body) == ("", "")


def test_no_gateway_means_failed_with_the_setting_named(grocery, settings):
    settings.NOTICE_GATEWAYS = {"sms": "saas.messaging.notices.gateways.unset", "email": ""}
    notice = queue()
    attempt(notice)
    assert "NOTICE_SMS_GATEWAY" in Notice.objects.get().last_error


def test_spend_is_counted_and_the_breaker_keeps_notices_queued(grocery, provider, settings):
    settings.SMS_PER_HOUR_BREAKER = 1
    attempt(queue("a"))
    late = queue("b")
    attempt(late)
    assert len(provider.got) == 1 and Notice.objects.get(key="b").state == NoticeState.QUEUED


def test_bus_delivers_after_commit(grocery, drain, provider, django_capture_on_commit_callbacks):
    queue()
    with django_capture_on_commit_callbacks(execute=True):
        assert drain() == 1
    assert len(provider.got) == 1 and Notice.objects.get().state == NoticeState.SENT


def test_every_kind_has_texts_that_can_be_filled(grocery):
    known = (
        "amount carrier ceiling code count day detail due host hours item mall minutes mode note number reason subject"
        " tracking until url used coins days shop tail goods price start coupon card left time feature limit"
    )
    values = dict.fromkeys(known.split(), "1")
    for kind in kinds.KINDS.values():
        assert kind.subject.format(**values) and kind.body.format(**values)


def test_mailbox_shows_the_newest_first(grocery):
    queue("a", code="111111")
    queue("b", code="222222")
    page = MallClient().get("/_mailbox").content.decode()
    assert page.index("222222") < page.index("111111")


def test_mailbox_of_another_mall_is_another_mailbox(grocery):
    queue("a", code="111111")
    assert "111111" not in MallClient("beauty.localhost").get("/_mailbox").content.decode()


def test_mailbox_does_not_exist_in_production(grocery, settings):
    settings.ENVIRONMENT = "production"
    queue("a", code="111111")
    answer = MallClient().get("/_mailbox")
    assert answer.status_code == 404 and "111111" not in answer.content.decode()
