"""Codes: six digits, five minutes, five tries, once, for one purpose; and how often they are sent."""

import datetime as dt

import pytest
from django.core.cache import caches
from django.test import override_settings

from saas.identity import services
from saas.identity.limits import TooManyAttempts
from saas.identity.models import Attempt, SignInCode
from saas.identity.services.codes import CodeSpent, WrongCode
from saas.messaging.notices.models import Notice
from saas.messaging.notices.services import SmsUnavailable
from tests.factories.people import NOW, next_phone
from tests.saas.identity.conftest import last_code


def send(phone: str, now: dt.datetime = NOW, ip: str = "10.0.0.1") -> str:
    return services.send_code(purpose="sign_in", target=phone, ip=ip, now=now)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_right_code_works_once(grocery):
    phone = next_phone()
    ulid = send(phone)
    code = last_code(phone)
    assert services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW) == phone
    with pytest.raises(CodeSpent):
        services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW)


def test_code_is_stored_as_a_digest_only(grocery):
    phone = next_phone()
    ulid = send(phone)
    row = SignInCode.objects.get(ulid=ulid)
    assert last_code(phone) not in row.digest and len(row.digest) == 64


def test_five_wrong_tries_spend_the_code(grocery):
    phone = next_phone()
    ulid = send(phone)
    code = last_code(phone)
    for _ in range(4):
        with pytest.raises(WrongCode):
            services.check_code(ulid=ulid, purpose="sign_in", code=other(code), now=NOW)
    with pytest.raises(CodeSpent):
        services.check_code(ulid=ulid, purpose="sign_in", code=other(code), now=NOW)
    with pytest.raises(CodeSpent):
        services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW)


def test_stale_code_is_refused(grocery):
    phone = next_phone()
    ulid = send(phone)
    with pytest.raises(CodeSpent):
        services.check_code(
            ulid=ulid, purpose="sign_in", code=last_code(phone), now=NOW + dt.timedelta(minutes=5, seconds=1)
        )


def test_code_serves_its_own_purpose_only(grocery):
    phone = next_phone()
    ulid = send(phone)
    with pytest.raises(WrongCode):
        services.check_code(ulid=ulid, purpose="change_phone", code=last_code(phone), now=NOW)


def test_one_sms_a_minute_and_five_a_day(grocery):
    phone = next_phone()
    send(phone)
    with pytest.raises(TooManyAttempts):
        send(phone, NOW + dt.timedelta(seconds=59))
    for minute in range(1, 5):
        send(phone, NOW + dt.timedelta(minutes=2 * minute), ip=f"10.0.1.{minute}")
    with pytest.raises(TooManyAttempts):
        send(phone, NOW + dt.timedelta(hours=5))
    assert Notice.objects.filter(to_phone=phone).count() == 5
    send(phone, NOW + dt.timedelta(hours=25))


def test_limits_by_address_and_by_mall(grocery, settings):
    settings.ATTEMPT_LIMITS = {
        **settings.ATTEMPT_LIMITS,
        "sms_code.ip": [(10, 3600)],
        "sms_code.mall": [(12, 3600)],
    }
    for _ in range(10):
        send(next_phone(), ip="10.0.0.9")
    with pytest.raises(TooManyAttempts):
        send(next_phone(), ip="10.0.0.9")
    send(next_phone(), ip="10.0.0.10")
    send(next_phone(), ip="10.0.0.11")
    with pytest.raises(TooManyAttempts):
        send(next_phone(), ip="10.0.0.12")
    assert Notice.objects.count() == 12


def test_refused_request_counts_nothing(grocery):
    phone = next_phone()
    send(phone)
    counted = Attempt.objects.count()
    with pytest.raises(TooManyAttempts):
        send(phone)
    assert Attempt.objects.count() == counted


def test_spend_breaker_stops_sms_and_a_silent_cache_does_too(grocery, settings):
    settings.SMS_PER_HOUR_BREAKER = 3
    caches["public"].set(f"sms-spent:{NOW:%Y%m%d%H}", 3)
    phone = next_phone()
    with pytest.raises(SmsUnavailable):
        send(phone)
    gone = {**settings.CACHES, "public": {**settings.CACHES["public"], "LOCATION": "unix:///nonexistent/redis.sock"}}
    with override_settings(CACHES=gone), pytest.raises(SmsUnavailable):
        send(phone)
    assert not Notice.objects.filter(to_phone=phone).exists()


def test_old_attempts_are_cleared_away(grocery):
    send(next_phone(), NOW - dt.timedelta(days=3))
    send(next_phone(), NOW)
    assert Attempt.objects.filter(at__lt=NOW - dt.timedelta(days=1)).count() == 0
