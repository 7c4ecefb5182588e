"""Alibaba Cloud SMS (Dysmsapi 2017-05-25) by its own library, signature ACS3-HMAC-SHA256."""

import json
from collections.abc import Mapping
from typing import Any

from alibabacloud_dysmsapi20170525 import models as wire
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config
from darabonba.exceptions import DaraException, RetryError, UnretryableException
from darabonba.runtime import RuntimeOptions

from saas.kernel.clock import CHINA
from saas.messaging.notices.gateways import Answer, Found, Message, Receipt, Refused, TryLater, Unknown
from saas.tenants.senders.gateways.contract import TIMEOUT_SECONDS, Check, Report
from saas.tenants.senders.gateways.hosts import endpoint
from saas.tenants.senders.rules import Account, Provider, Template

# Nothing was sent and it may be later: our calls are too many, or their service is down.
_LATER = ("Throttling", "ServiceUnavailable", "InternalError", "isp.SYSTEM_ERROR", "isp.RAM_PERMISSION_TIMEOUT")
_PASSED = {"1"}


def verify(account: Account) -> list[Check]:
    """Key and signature, by asking for the signature's state."""
    try:
        body = _call(account, "get_sms_sign", wire.GetSmsSignRequest(sign_name=account.values["signature"]))
    except Refused as error:
        return [Check("key_id", False, str(error))]
    except (TryLater, Unknown) as error:
        return [Check("live_call", False, str(error))]
    if body.get("Code") != "OK":
        return [Check("key_id", True), Check("signature", False, _words(body))]
    good = str(body.get("SignStatus")) in _PASSED
    return [Check("key_id", True), Check("signature", good, "" if good else "The signature is not approved.")]


def verify_templates(account: Account, templates: Mapping[str, Template]) -> dict[str, Check]:
    """Each template's state. Raises TryLater, Unknown (no answer), Refused (the key)."""
    found = {}
    for kind, one in templates.items():
        body = _call(account, "get_sms_template", wire.GetSmsTemplateRequest(template_code=one.template))
        good = body.get("Code") == "OK" and str(body.get("TemplateStatus")) in _PASSED
        reason = (body.get("AuditInfo") or {}).get("RejectInfo") or "The template is not approved."
        found[kind] = Check(kind, good, "" if good else (reason if body.get("Code") == "OK" else _words(body)))
    return found


def send(account: Account, message: Message, template: Template) -> Receipt:
    """Hand one message over. `OutId` is our own number: it comes back in answers and reports."""
    body = _call(
        account,
        "send_sms",
        wire.SendSmsRequest(
            phone_numbers=_national(message.to_phone),
            sign_name=account.values["signature"],
            template_code=template.template,
            template_param=json.dumps(dict(template.fill(message.parameters)), ensure_ascii=False),
            out_id=message.ulid,
        ),
    )
    if body.get("Code") != "OK":
        if str(body.get("Code", "")).startswith(_LATER):
            raise TryLater(_words(body))
        raise Refused(_words(body))
    return Receipt(Provider.ALIYUN, str(body["BizId"]), "")


def ask(account: Account, message: Message) -> Answer:
    """What became of a message: looked for by our own number among those to this phone on the day."""
    day = message.tried_at.astimezone(CHINA) if message.tried_at else None
    body = _call(
        account,
        "query_send_details",
        wire.QuerySendDetailsRequest(
            phone_number=_national(message.to_phone),
            biz_id=message.provider_id or None,
            send_date=f"{day:%Y%m%d}",
            page_size=50,
            current_page=1,
        ),
    )
    if body.get("Code") != "OK":
        raise TryLater(_words(body))
    for row in (body.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []:
        if row.get("OutId") == message.ulid:
            found = {1: Found.SENT, 2: Found.FAILED, 3: Found.DELIVERED}[int(row["SendStatus"])]
            detail = row.get("ErrCode", "") if found is Found.FAILED else ""
            return Answer(found, message.provider_id, str(detail))
    return Answer(Found.MISSING, detail="the provider does not know this message")


def reports(content: Any) -> list[Report]:
    """The reports in one push (SmsReport by HTTP): a list of objects."""
    return [
        Report(str(row["biz_id"]), bool(row["success"]), "" if row["success"] else str(row.get("err_msg", "")))
        for row in content
    ]


REPORT_ANSWER = {"code": 0, "msg": "OK"}


def _call(account: Account, operation: str, request: Any) -> dict[str, Any]:
    scheme, host = endpoint(Provider.ALIYUN)
    client = Client(
        Config(
            access_key_id=account.values["key_id"],
            access_key_secret=account.secrets["key_secret"],
            protocol=scheme,
            endpoint=host,
            connect_timeout=3_000,
            read_timeout=TIMEOUT_SECONDS * 1_000,
        )
    )
    try:
        answer = getattr(client, f"{operation}_with_options")(request, RuntimeOptions(autoretry=False, max_attempts=1))
        body: dict[str, Any] = answer.body.to_map()
        return body
    except AlibabaCloudException as error:
        text = f"{error.code}: {error.message}"
        if str(error.code).startswith(_LATER):
            raise TryLater(text) from error
        raise Refused(text) from error
    except (DaraException, RetryError, UnretryableException) as error:  # no answer: sent or not, nobody knows
        raise Unknown(type(error).__name__) from error
    except (OSError, ValueError) as error:
        raise Unknown(type(error).__name__) from error


def _words(body: Mapping[str, Any]) -> str:
    return f"{body.get('Code')}: {body.get('Message', '')}"


def _national(phone: str) -> str:
    return phone.removeprefix("+86") if phone.startswith("+86") else phone.removeprefix("+")
