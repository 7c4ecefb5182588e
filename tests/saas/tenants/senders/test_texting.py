"""Text messages by two providers, each over HTTP to its own sandbox: tried before stored, sent once, asked after, reported."""

import datetime as dt
import json

import pytest
from django.utils import translation

from saas.identity.models import AuditRecord, User
from saas.identity.roles import Role, ensure_roles
from saas.kernel import clock
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.notices import services as notices
from saas.messaging.notices.models import Notice
from saas.messaging.notices.rules import NoticeState
from saas.tenants.malls.models import Entitlement
from saas.tenants.malls.services import copy_entitlements
from saas.tenants.senders import selectors, services
from saas.tenants.senders.gateways import aliyun, tencent
from saas.tenants.senders.models import Sender
from saas.tenants.senders.rules import Provider, parse_parameters
from tenant_apps.backoffice import usage
from tests.factories.browser import MallClient

pytestmark = pytest.mark.django_db
PHONE = "+8613800001234"


def connect(sandbox) -> Sender:
    return services.connect_sandbox(provider=Provider(sandbox.name), actor="user:x", now=clock.now())


def queue(key: str, kind: str = "order_paid", phone: str = PHONE) -> Notice:
    context = {"number": "SO1", "amount": "12.00", "code": "123456", "minutes": 5}
    return notices.send_notice(kind=kind, to_phone=phone, context=context, key=key)


def attempt(notice: Notice, later: int = 0) -> Notice:
    now = clock.now() + dt.timedelta(seconds=later)
    message = notices.begin_attempt(notice.ulid, now=now)
    if message is not None:
        notices.finish_attempt(message, now=now)
    notice.refresh_from_db()
    return notice


def test_connected_sent_reported_and_never_shown_again(grocery, sandbox):
    row = connect(sandbox)
    assert (row.shown["key_secret"]["last4"], "sandbox-secret" in row.sealed) == ("cret", False)
    assert selectors.missing_templates(Sender.objects.get()) == []
    record = AuditRecord.objects.get(action="sender.stored")
    assert "sandbox-secret" not in json.dumps(record.data, ensure_ascii=False)

    notice = attempt(queue("a"))
    (taken,) = sandbox.messages
    assert (notice.state, notice.provider, notice.provider_id) == ("sent", sandbox.name, taken["id"])
    assert taken["phone"] in (PHONE, "13800001234") and taken["out_id"] == notice.ulid
    values = json.loads(taken["parameters"])
    assert (values if isinstance(values, list) else list(values.values())) == ["SO1", "12.00"]
    attempt(notice)
    assert len(sandbox.messages) == 1 and Sender.objects.get().used == 1

    row = Sender.objects.get()
    push = [{"aliyun": aliyun_report, "tencent": tencent_report}[sandbox.name](taken)]
    client = MallClient()
    wrong = client.post(f"/sms-reports/{sandbox.name}/{'x' * 43}", push, content_type="application/json")
    assert wrong.status_code == 404 and Notice.objects.get().state == "sent"
    address = f"/sms-reports/{sandbox.name}/{row.report_token}"
    assert client.post(address, "no", content_type="application/json").status_code == 400
    assert client.post(address, {"a": 1}, content_type="application/json").status_code == 400
    for _ in range(2):
        answer = client.post(address, push, content_type="application/json")
        assert (answer.status_code, answer.json().get("code", answer.json().get("result"))) == (200, 0)
    assert Notice.objects.get().state == NoticeState.DELIVERED


def aliyun_report(row):
    return {"biz_id": row["id"], "success": True, "err_code": "DELIVERED", "phone_number": row["phone"], "out_id": "x"}


def tencent_report(row):
    return {
        "sid": row["id"],
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "mobile": row["phone"],
        "nationcode": "86",
    }


def test_wrong_details_are_not_stored(grocery, sandbox):
    good = {"key_id": "sandbox-key", "key_secret": "sandbox-secret", "app_id": "14", "signature": "测试商城"}
    store = services.store_sender
    provider = Provider(sandbox.name)
    for change, failed in (
        ({"key_secret": "wrong-secret"}, "key_id"),
        ({"key_id": "nobody"}, "key_id"),
        ({"signature": "待审签名"}, "signature"),
        ({"signature": "没有的签名"}, "signature"),
    ):
        with pytest.raises(services.SenderRefused) as refused:
            store(provider=provider, fields={**good, **change}, actor="user:x", now=clock.now())
        assert [one.name for one in refused.value.checks if not one.passed] == [failed]
    with pytest.raises(services.BadSenderField) as bad:
        store(provider=provider, fields={**good, "key_secret": " "}, actor="user:x", now=clock.now())
    assert bad.value.field == "key_secret"
    assert not Sender.objects.exists() and not AuditRecord.objects.filter(action="sender.stored").exists()


def test_what_may_have_gone_out_is_asked_after_and_not_sent_again(grocery, sandbox, monkeypatch):
    monkeypatch.setattr({"aliyun": aliyun, "tencent": tencent}[sandbox.name], "TIMEOUT_SECONDS", 1)
    connect(sandbox)
    sandbox.tell("setup", wait_seconds=1.6)
    sandbox.fault("timeout")
    notice = attempt(queue("a"))
    assert (notice.state, len(sandbox.messages)) == (NoticeState.UNKNOWN, 1)
    assert attempt(notice, 60).state == NoticeState.SENT
    assert len(sandbox.messages) == 1 and Sender.objects.get().used == 1

    sandbox.fault("drop")  # the answer is lost, and the phone does not get it
    dropped = attempt(queue("b"))
    assert (dropped.state, len(sandbox.messages)) == (NoticeState.UNKNOWN, 2)
    sandbox.server.store.messages[1]["state"] = "failed"
    failed = attempt(dropped, 60)
    assert failed.state == NoticeState.FAILED and failed.last_error
    assert len(sandbox.messages) == 2


def test_what_the_provider_never_took_is_sent_again_but_a_stale_code_is_not(grocery, sandbox):
    connect(sandbox)
    for kind, ends in (("order_paid", NoticeState.SENT), ("sign_in_code", NoticeState.FAILED)):
        notice = queue(kind, kind)
        assert notices.begin_attempt(notice.ulid, now=clock.now()) is not None  # the worker dies here
        before = len(sandbox.messages)
        states = [attempt(notice, later).state for later in (60, 180, 420)]
        assert states[:2] == [NoticeState.SENDING, NoticeState.SENDING] or states[:2] == [NoticeState.UNKNOWN] * 2
        assert states[2] == (NoticeState.QUEUED if ends is NoticeState.SENT else NoticeState.FAILED)
        assert len(sandbox.messages) == before
        assert attempt(notice, 900).state == ends
        assert len(sandbox.messages) == before + (ends is NoticeState.SENT)


def test_throttled_waits_and_refused_is_final_with_the_providers_words(grocery, sandbox):
    connect(sandbox)
    for name in ("throttled", "error_500"):
        sandbox.fault(name)
        notice = attempt(queue(name))
        assert notice.state == NoticeState.QUEUED and ("Throttling" in notice.last_error or ":" in notice.last_error)
        assert Sender.objects.get().used == (0 if name == "throttled" else 1)
        assert attempt(notice, 60).state == NoticeState.SENT
    for name, word in (("template", "TEMPLATE"), ("wrong_signature", "Signature"), ("number", "NUMBER")):
        sandbox.fault(name)
        notice = attempt(queue(name))
        assert notice.state == NoticeState.FAILED and word.lower() in notice.last_error.lower()
    assert Sender.objects.get().used == 2
    assert notices.try_again(ulid=notice.ulid, now=clock.now())
    assert attempt(notice).state == NoticeState.SENT
    assert not notices.try_again(ulid=notice.ulid, now=clock.now())


def test_templates_are_asked_for_and_one_not_approved_is_not_used(grocery, sandbox):
    connect(sandbox)
    sandbox.tell("setup", bad_templates={"SMS_9": "含有链接", "9": "含有链接"})
    number = "SMS_9" if sandbox.name == "aliyun" else "9"
    with pytest.raises(services.BadTemplate) as bad:
        services.change_templates(wanted={"order_paid": (number, "price")}, actor="user:x", now=clock.now())
    assert bad.value.field == "parameters_order_paid" and Sender.objects.get().templates["order_paid"]["approved"]
    services.change_templates(wanted={"order_paid": (number, "no:number，amount")}, actor="user:x", now=clock.now())
    stored = Sender.objects.get().templates
    assert (stored["order_paid"]["approved"], stored["order_paid"]["detail"]) == (False, "含有链接")
    assert len(selectors.missing_templates(Sender.objects.get())) == len(selectors.MALL_KINDS)
    notice = attempt(queue("a"))
    assert notice.state == NoticeState.FAILED and notice.last_error and not sandbox.messages


def test_ceiling_keeps_a_reserve_for_codes_and_tells_the_owners_once(grocery, sandbox, settings):
    ensure_roles()
    owner = User.objects.create_user(email="owner@grocery.test", is_staff=True)
    owner.groups.set([__import__("django.contrib.auth.models", fromlist=["Group"]).Group.objects.get(name=Role.OWNER)])
    connect(sandbox)
    services.change_ceiling(ceiling=5, actor="user:x", now=clock.now())
    got = [attempt(queue(f"n{number}", phone=f"+861380000000{number}")).state for number in range(6)]
    assert got == ["sent"] * 4 + ["stopped"] * 2
    assert [attempt(queue(f"c{number}", "sign_in_code")).state for number in range(2)] == ["sent", "stopped"]
    assert (len(sandbox.messages), Sender.objects.get().used) == (5, 5)
    told = Notice.objects.get(kind="sender_ceiling")
    assert (told.to_email, told.parameters) == ("owner@grocery.test", {"used": "4", "ceiling": "5"})
    told = Notice.objects.get(kind="sender_full")
    assert (told.to_email, told.parameters) == ("owner@grocery.test", {"used": "5", "ceiling": "5"})

    services.change_ceiling(ceiling=None, actor="user:x", now=clock.now())
    copy_entitlements(grocery, {"sms_month_max": 6, "restricted": True}, version=1)
    assert selectors.ceiling(Sender.objects.get()) == 6
    with translation.override("en"):
        assert attempt(queue("last", "sign_in_code")).state == "sent", "a restricted mall sells on"
        by_plan = attempt(queue("over", "sign_in_code"))
        assert (by_plan.state, by_plan.last_error) == (
            "stopped", "the plan’s limit of 6 text messages a month is reached",
        )  # fmt: skip
        services.change_ceiling(ceiling=3, actor="user:x", now=clock.now())
        assert attempt(queue("own", "sign_in_code")).last_error == "the month’s ceiling of 3 text messages is reached"
        services.change_ceiling(ceiling=100, actor="user:x", now=clock.now())
        assert attempt(queue("plan", "sign_in_code")).last_error.startswith("the plan’s limit of 6")
    today = selectors.day_of(clock.now())
    assert (Sender.objects.get().used, selectors.texts_by_day()) == (6, {today: 6})
    services.disconnect_sender(medium="sms", actor="user:x", now=clock.now())
    connect(sandbox)
    assert (Sender.objects.get().used, selectors.texts_by_day()) == (6, {today: 6}), "the month does not begin anew"
    assert attempt(queue("anew", "sign_in_code")).state == "stopped"
    usage.report_counts(now=clock.now())
    usage.report_counts(now=clock.now())
    fact = OutboxEvent.objects.get(topic="usage.counted", payload__feature="sms_month_max")
    assert (fact.payload["used"], fact.payload["date"], fact.destination) == (6, today, "control")

    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, "sms_notice.target": [(1, 3600)]}
    Entitlement.objects.filter(feature="sms_month_max").delete()
    assert [attempt(queue(f"again{number}")).state for number in range(2)] == ["sent", "stopped"]


def test_another_mall_has_another_account(grocery, beauty, sandbox):
    connect(sandbox)
    assert selectors.sender("sms") is not None
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):
        assert selectors.sender("sms") is None and not Sender.objects.exists()
    with pytest.raises(services.NotConnected):
        services.disconnect_sender(medium="email", actor="user:x", now=clock.now())
    services.disconnect_sender(medium="sms", actor="user:x", now=clock.now())
    assert not Sender.objects.exists()


def test_parameters_are_placeholders_of_the_kind():
    assert parse_parameters("number, sum:amount", ("number", "amount")) == ("number", "sum:amount")
    for wrong in ("x", "a:x", ":number"):
        with pytest.raises(ValueError):
            parse_parameters(wrong, ("number",))
