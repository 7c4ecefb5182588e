"""Tencent Cloud SMS (2021-01-11) by its own library, signature TC3-HMAC-SHA256."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.sms_client import SmsClient

from saas.messaging.notices.gateways import Answer, Found, Message, Receipt, Refused, TryLater, Unknown
from saas.tenants.senders.gateways.contract import TIMEOUT_SECONDS, Check, Report
from saas.tenants.senders.gateways.hosts import endpoint
from saas.tenants.senders.rules import Account, Provider, Template

_LATER = ("RequestLimitExceeded", "InternalError", "ResourceUnavailable", "FailedOperation.ServiceUnavailable")
_UNHEARD = ("ClientNetworkError", "ServerNetworkError", "ClientError.NetworkError")
_REGION = "ap-guangzhou"


def verify(account: Account) -> list[Check]:
    """Key and signature, by listing the account's signatures."""
    try:
        body = _call(account, "DescribeSmsSignList", {"International": 0, "Limit": 100, "Offset": 0})
    except Refused as error:
        return [Check("key_id", False, str(error))]
    except (TryLater, Unknown) as error:
        return [Check("live_call", False, str(error))]
    named = [row for row in body["DescribeSignListStatusSet"] if row["SignName"] == account.values["signature"]]
    if not named:
        return [Check("key_id", True), Check("signature", False, "The provider does not know this signature.")]
    good = named[0]["StatusCode"] == 0
    detail = "" if good else named[0].get("ReviewReply") or "The signature is not approved."
    return [Check("key_id", True), Check("signature", good, detail)]


def verify_templates(account: Account, templates: Mapping[str, Template]) -> dict[str, Check]:
    """Each template's state. Raises TryLater, Unknown (no answer), Refused (the key)."""
    numbers = {kind: one.template for kind, one in templates.items()}
    found = {
        kind: Check(kind, False, "A template’s id is a number.") for kind, one in numbers.items() if not one.isdecimal()
    }
    wanted = sorted({int(one) for one in numbers.values() if one.isdecimal()})
    if not wanted:
        return found
    body = _call(account, "DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": wanted})
    states = {str(row["TemplateId"]): row for row in body["DescribeTemplateStatusSet"]}
    for kind, number in numbers.items():
        if kind in found:
            continue
        row = states.get(number)
        good = row is not None and row["StatusCode"] == 0
        unknown = "The provider does not know this template."
        detail = unknown if row is None else row.get("ReviewReply") or "The template is not approved."
        found[kind] = Check(kind, good, "" if good else detail)
    return found


def send(account: Account, message: Message, template: Template) -> Receipt:
    """Hand one message over. `SessionContext` is our own number: it comes back in answers."""
    body = _call(
        account,
        "SendSms",
        {
            "PhoneNumberSet": [message.to_phone],
            "SmsSdkAppId": account.values["app_id"],
            "TemplateId": template.template,
            "SignName": account.values["signature"],
            "TemplateParamSet": [value for _name, value in template.fill(message.parameters)],
            "SessionContext": message.ulid,
        },
    )
    row = body["SendStatusSet"][0]
    if row["Code"] != "Ok":
        _raise(row["Code"], row.get("Message", ""))
    return Receipt(Provider.TENCENT, str(row["SerialNo"]), "")


def ask(account: Account, message: Message) -> Answer:
    """What became of a message: looked for by our own number, or the provider's, among those to this phone."""
    start = message.tried_at or dt.datetime.now(dt.UTC)
    body = _call(
        account,
        "PullSmsSendStatusByPhoneNumber",
        {
            "BeginTime": int(start.timestamp()) - 60,
            "EndTime": int(start.timestamp()) + 86_400,
            "Offset": 0,
            "Limit": 100,
            "PhoneNumber": message.to_phone,
            "SmsSdkAppId": account.values["app_id"],
        },
    )
    for row in body["PullSmsSendStatusSet"]:
        if message.ulid == row.get("SessionContext") or (
            message.provider_id and message.provider_id == row["SerialNo"]
        ):
            state = {"SUCCESS": Found.DELIVERED, "FAIL": Found.FAILED}.get(row.get("ReportStatus", ""), Found.SENT)
            return Answer(state, row["SerialNo"], row.get("Description", "") if state is Found.FAILED else "")
    return Answer(Found.MISSING, detail="the provider does not know this message")


def reports(content: Any) -> list[Report]:
    """The reports in one push: a list of objects."""
    return [
        Report(str(row["sid"]), row["report_status"] == "SUCCESS", str(row.get("description") or row.get("errmsg", "")))
        for row in content
    ]


REPORT_ANSWER = {"result": 0, "errmsg": "OK"}


def _call(account: Account, action: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    scheme, host = endpoint(Provider.TENCENT)
    http = HttpProfile(protocol=scheme, endpoint=host, reqMethod="POST", reqTimeout=TIMEOUT_SECONDS)
    credential = Credential(account.values["key_id"], account.secrets["key_secret"])
    client = SmsClient(credential, _REGION, ClientProfile(httpProfile=http))
    try:
        body: dict[str, Any] = json.loads(client.call(action, dict(fields)))["Response"]
    except TencentCloudSDKException as error:
        if error.code in _UNHEARD:
            raise Unknown(str(error.code)) from error
        _raise(error.code, error.message)
    except (OSError, ValueError, KeyError) as error:
        raise Unknown(type(error).__name__) from error
    if "Error" in body:
        _raise(body["Error"]["Code"], body["Error"]["Message"])
    return body


def _raise(code: str, words: str) -> None:
    text = f"{code}: {words}"
    raise TryLater(text) if str(code).startswith(_LATER) else Refused(text)
