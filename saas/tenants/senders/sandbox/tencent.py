"""Tencent Cloud's side: SendSms, PullSmsSendStatusByPhoneNumber, DescribeSmsSignList, DescribeSmsTemplateList."""

import json
from collections.abc import Mapping
from typing import Any

from saas.tenants.senders.sandbox import wire
from saas.tenants.senders.sandbox.store import Store

Answer = tuple[int, dict[str, Any]]


def _error(code: str, message: str) -> Answer:
    return 200, {"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "sandbox"}}


def api(store: Store, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """One call, refused unless it is signed by a known key."""
    try:
        if store.take("wrong_signature"):
            raise wire.Rejected("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
        wire.require_tc3(method, path, headers, body, store.keys)
    except wire.Rejected as error:
        return _error(error.code, error.message)
    if store.take("throttled"):
        return _error("RequestLimitExceeded", "Your current request times exceeds limit.")
    if store.take("error_500"):
        return _error("InternalError.Timeout", "The request has failed.")
    action = {name.lower(): value for name, value in headers.items()}["x-tc-action"]
    store.calls.append(action)
    return 200, {"Response": {"RequestId": "sandbox", **_ACTIONS[action](store, json.loads(body))}}


def _send(store: Store, asked: dict[str, Any]) -> dict[str, Any]:
    phone = asked["PhoneNumberSet"][0]
    code = ""
    if not store.signatures.get(asked["SignName"]):
        code = "FailedOperation.SignatureIncorrectOrUnapproved"
    elif store.take("template") or asked["TemplateId"] in store.bad_templates:
        code = "FailedOperation.TemplateIncorrectOrUnapproved"
    elif store.take("number"):
        code = "InvalidParameterValue.IncorrectPhoneNumber"
    if code:
        refused = {
            "SerialNo": "",
            "PhoneNumber": phone,
            "Fee": 0,
            "SessionContext": asked["SessionContext"],
            "Code": code,
        }
        return {"SendStatusSet": [{**refused, "Message": "refused by the sandbox", "IsoCode": "CN"}]}
    row = store.add(
        phone=phone,
        template=asked["TemplateId"],
        parameters=json.dumps(asked["TemplateParamSet"], ensure_ascii=False),
        out_id=asked["SessionContext"],
        signature=asked["SignName"],
    )
    taken = {"SerialNo": row["id"], "PhoneNumber": phone, "Fee": 1, "SessionContext": row["out_id"], "Code": "Ok"}
    return {"SendStatusSet": [{**taken, "Message": "send success", "IsoCode": "CN"}]}


def _pull(store: Store, asked: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "PhoneNumber": row["phone"],
            "SerialNo": row["id"],
            "SessionContext": row["out_id"],
            "ReportStatus": {"delivered": "SUCCESS", "failed": "FAIL"}.get(row["state"], ""),
            "Description": "空号" if row["state"] == "failed" else "",
        }
        for row in store.messages
        if row["phone"] == asked["PhoneNumber"] and asked["BeginTime"] <= row["at"] <= asked["EndTime"]
    ]
    return {"PullSmsSendStatusSet": rows}


def _signs(store: Store, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "DescribeSignListStatusSet": [
            {
                "SignId": number,
                "SignName": name,
                "StatusCode": 0 if good else 1,
                "ReviewReply": "" if good else "审核中",
            }
            for number, (name, good) in enumerate(store.signatures.items(), 1)
        ]
    }


def _templates(store: Store, asked: dict[str, Any]) -> dict[str, Any]:
    rows = []
    for number in asked["TemplateIdSet"]:
        reason = store.bad_templates.get(str(number), "")
        rows.append({"TemplateId": number, "StatusCode": -1 if reason else 0, "ReviewReply": reason})
    return {"DescribeTemplateStatusSet": rows}


_ACTIONS = {
    "SendSms": _send,
    "PullSmsSendStatusByPhoneNumber": _pull,
    "DescribeSmsSignList": _signs,
    "DescribeSmsTemplateList": _templates,
}


def report(row: dict[str, Any]) -> dict[str, Any]:
    """One report as it is pushed."""
    good = row["state"] == "delivered"
    return {
        "nationcode": "86",
        "mobile": row["phone"].removeprefix("+86"),
        "report_status": "SUCCESS" if good else "FAIL",
        "errmsg": "DELIVRD" if good else "MK:0001",
        "description": "用户短信送达成功" if good else "空号",
        "sid": row["id"],
    }
