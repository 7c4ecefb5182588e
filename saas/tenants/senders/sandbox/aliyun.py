"""Alibaba Cloud's side: SendSms, QuerySendDetails, GetSmsSign, GetSmsTemplate."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from saas.tenants.senders.sandbox import wire
from saas.tenants.senders.sandbox.store import Store

_CHINA = dt.timezone(dt.timedelta(hours=8))
Answer = tuple[int, dict[str, Any]]


def api(store: Store, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """One call, refused unless it is signed by a known key."""
    try:
        if store.take("wrong_signature"):
            raise wire.Rejected("SignatureDoesNotMatch", "Specified signature does not match our calculation.")
        wire.require_acs3(method, path, query, headers, body, store.keys)
    except wire.Rejected as error:
        return 400, {"Code": error.code, "Message": error.message, "RequestId": "sandbox"}
    if store.take("throttled"):
        return 400, {
            "Code": "Throttling.User",
            "Message": "Request was denied due to user flow control.",
            "RequestId": "s",
        }
    if store.take("error_500"):
        return 503, {"Code": "ServiceUnavailable", "Message": "The request has failed.", "RequestId": "s"}
    asked = dict(parse_qsl(query, keep_blank_values=True))
    action = {name.lower(): value for name, value in headers.items()}["x-acs-action"]
    store.calls.append(action)
    return 200, {"RequestId": "sandbox", **_ACTIONS[action](store, asked)}


def _send(store: Store, asked: dict[str, str]) -> dict[str, Any]:
    if not store.signatures.get(asked["SignName"]):
        return {"Code": "isv.SMS_SIGNATURE_ILLEGAL", "Message": "该账号下找不到对应签名"}
    if store.take("template") or asked["TemplateCode"] in store.bad_templates:
        return {"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "该账号下找不到对应模板"}
    if store.take("number"):
        return {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "手机号格式错误"}
    json.loads(asked["TemplateParam"])
    row = store.add(
        phone=asked["PhoneNumbers"],
        template=asked["TemplateCode"],
        parameters=asked["TemplateParam"],
        out_id=asked.get("OutId", ""),
        signature=asked["SignName"],
    )
    return {"Code": "OK", "Message": "OK", "BizId": row["id"]}


def _details(store: Store, asked: dict[str, str]) -> dict[str, Any]:
    rows = [
        row
        for row in store.messages
        if row["phone"] == asked["PhoneNumber"]
        and asked.get("BizId", row["id"]) in ("", row["id"])
        and f"{dt.datetime.fromtimestamp(row['at'], _CHINA):%Y%m%d}" == asked["SendDate"]
    ]
    details = [
        {
            "PhoneNum": row["phone"],
            "OutId": row["out_id"],
            "SendStatus": {"sent": 1, "failed": 2, "delivered": 3}[row["state"]],
            "ErrCode": {"failed": "MK:0001", "delivered": "DELIVERED"}.get(row["state"], ""),
            "TemplateCode": row["template"],
        }
        for row in rows
    ]
    return {"Code": "OK", "Message": "OK", "TotalCount": len(rows), "SmsSendDetailDTOs": {"SmsSendDetailDTO": details}}


def _sign(store: Store, asked: dict[str, str]) -> dict[str, Any]:
    name = asked["SignName"]
    if name not in store.signatures:
        return {"Code": "isv.SMS_SIGNATURE_ILLEGAL", "Message": "签名不存在"}
    return {"Code": "OK", "Message": "OK", "SignName": name, "SignStatus": 1 if store.signatures[name] else 0}


def _template(store: Store, asked: dict[str, str]) -> dict[str, Any]:
    reason = store.bad_templates.get(asked["TemplateCode"])
    state = {"TemplateStatus": "2", "AuditInfo": {"RejectInfo": reason}} if reason else {"TemplateStatus": "1"}
    return {"Code": "OK", "Message": "OK", "TemplateCode": asked["TemplateCode"], **state}


_ACTIONS = {"SendSms": _send, "QuerySendDetails": _details, "GetSmsSign": _sign, "GetSmsTemplate": _template}


def report(row: dict[str, Any]) -> dict[str, Any]:
    """One report as it is pushed (SmsReport)."""
    good = row["state"] == "delivered"
    return {
        "phone_number": row["phone"],
        "biz_id": row["id"],
        "out_id": row["out_id"],
        "success": good,
        "err_code": "DELIVERED" if good else "MK:0001",
        "err_msg": "用户接收成功" if good else "空号",
        "sms_size": "1",
    }
