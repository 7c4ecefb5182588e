"""What the sandbox knows of parcels: accounts, who follows what, steps of carriers, pushes. Kuaidi100's protocol, in memory."""

import datetime as dt
import hashlib
import json
import secrets
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from tenant_apps.courier.sandbox import posting

CHINA = dt.timezone(dt.timedelta(hours=8))
PATHS = ("/poll", "/poll/query.do")
STATES = {"collect": "1", "move": "0", "deliver": "5", "sign": "3", "trouble": "2", "back": "6"}
TEXTS = {
    "collect": "【广州市】快递员已揽收",
    "move": "【广州市】已离开广州转运中心，发往北京转运中心",
    "deliver": "【北京市】快递员正在派件",
    "sign": "【北京市】已签收，签收人：本人",
    "trouble": "【北京市】收件人电话无人接听，改日再派",
    "back": "【北京市】快件退回中",
}
COMPANIES = {"shunfeng", "zhongtong", "yuantong", "yunda", "shentong", "jtexpress", "jd", "youzhengguonei", "ems"}


@dataclass
class Followed:
    """One parcel as an account follows it."""

    company: str
    number: str
    callback: str
    salt: str
    rows: list[dict[str, str]] = field(default_factory=list)
    state: str = "0"
    status: str = "polling"

    def last(self) -> dict[str, Any]:
        """The course, the newest step first, as both a question and a push give it."""
        return {
            "message": "ok",
            "nu": self.number,
            "ischeck": "1" if self.state == "3" else "0",
            "com": self.company,
            "status": "200",
            "condition": "F00",
            "state": self.state,
            "data": list(reversed(self.rows)),
        }

    def push(self) -> dict[str, str]:
        """The form that is posted to the callback's address, signed as the service signs it."""
        body = {
            "status": self.status,
            "billstatus": "check" if self.state == "3" else "got",
            "message": "3天查询无记录" if self.status == "abort" else "",
            "lastResult": self.last(),
        }
        return signed(json.dumps(body, ensure_ascii=False), self.salt)


def signed(param: str, salt: str) -> dict[str, str]:
    """A form of `param` with its signature: thirty-two capitals of param and salt, one after the other."""
    digest = hashlib.new("md5", usedforsecurity=False)
    digest.update(param.encode())
    digest.update(salt.encode())
    return {"param": param, "sign": digest.hexdigest().upper()}


class Tracking:
    """All of it, under one lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, str] = {}  # customer → key
        self.followed: dict[tuple[str, str], Followed] = {}  # (key, number)
        self.faults: dict[str, int] = {}
        self.asked: list[dict[str, str]] = []  # questions and requests as they came, without keys

    def open_account(self) -> dict[str, str]:
        """An account for a mall to enter."""
        with self.lock:
            customer, key = secrets.token_hex(16).upper(), secrets.token_hex(6)
            self.accounts[customer] = key
        return {"customer": customer, "key": key}

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, object]:
        """(HTTP status, body) of one request."""
        if self._fault("error_before"):
            return 502, {"oops": True}
        result = self._follow(form) if path == "/poll" else self._query(form)
        if self._fault("error_after"):
            return 504, {"oops": True}
        if self._fault("garbage"):
            return 200, ["not", "an", "answer"]
        return 200, result

    def control(self, what: str, content: dict[str, Any]) -> object:
        """The side of the tests, and of people who play the carrier."""
        with self.lock:
            if what == "accounts":
                return self.open_account()
            if what == "faults":
                self.faults[content["name"]] = int(content.get("count", 1))
                return {"ok": True}
            if what == "asked":
                return self.asked
            found = self.followed[content["key"], content["number"]]
            if what == "step":
                self.move(found, content["step"], at=content.get("at"), quiet=bool(content.get("quiet")))
            elif what == "abort":
                found.status = "abort"
                self._tell(found)
            elif what == "push":  # as it would be sent now; `facts` go into the course before it is signed
                form = found.push()
                body = json.loads(form["param"])
                body["lastResult"] |= content.get("facts", {})
                return signed(json.dumps(body, ensure_ascii=False), found.salt)
            else:
                raise ValueError("no such control")
            return {"ok": True}

    def move(self, found: Followed, step: str, *, at: str | None = None, quiet: bool = False) -> None:
        """The carrier's next step, told by push."""
        with self.lock:
            time_text = at or dt.datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")
            found.rows.append({"context": TEXTS[step], "time": time_text, "ftime": time_text})
            found.state = STATES[step]
            found.status = "shutdown" if step == "sign" else "polling"
            if not quiet:
                self._tell(found)

    def _follow(self, form: dict[str, str]) -> dict[str, object]:
        param = json.loads(form["param"])
        with self.lock:
            if param.get("key") not in self.accounts.values():
                return _no("600", "您不是合法的订阅者（即授权Key出错）")
            self.asked.append({"path": "/poll", "number": param["number"], "phone": param["parameters"]["phone"]})
            number = str(param.get("number", ""))
            if param.get("company") not in COMPANIES:
                return _no("701", "拒绝订阅的快递公司")
            if not 6 <= len(number) <= 32:
                return _no("700", "订阅方的订阅数据存在错误")
            if (param["key"], number) in self.followed and self.followed[param["key"], number].status == "polling":
                return _no("501", "重复订阅")
            extra = param["parameters"]
            self.followed[param["key"], number] = Followed(
                param["company"], number, extra["callbackurl"], extra.get("salt") or ""
            )
        return {"result": True, "returnCode": "200", "message": "提交成功"}

    def _query(self, form: dict[str, str]) -> dict[str, object]:
        key = self.accounts.get(form.get("customer", ""))
        if key is None:
            return _no("601", "POLL:KEY 不存在或已过期")
        whole = (form["param"] + key + form["customer"]).encode()
        if hashlib.new("md5", whole, usedforsecurity=False).hexdigest().upper() != form.get("sign"):
            return _no("503", "验证签名失败")
        param = json.loads(form["param"])
        with self.lock:
            self.asked.append({"path": "/poll/query.do", "number": param["num"], "phone": param.get("phone", "")})
            found = self.followed.get((key, param["num"]))
            if found is None or not found.rows or found.company != param["com"]:
                return _no("500", "查询无结果，请隔段时间再查")
            return found.last()

    def _fault(self, name: str) -> bool:
        with self.lock:
            left = self.faults.get(name, 0)
            self.faults[name] = max(0, left - 1)
            return left > 0

    def _tell(self, found: Followed) -> None:
        body = urllib.parse.urlencode(found.push()).encode()
        threading.Thread(target=_post, args=(found.callback, body), daemon=True).start()


def _no(code: str, text: str) -> dict[str, object]:
    return {"result": False, "returnCode": code, "message": text}


def _post(url: str, body: bytes) -> None:
    for wait in (0.2, 1, 3):
        status, _answer = posting.post(url, body, "application/x-www-form-urlencoded")
        if status == 200:
            return
        time.sleep(wait)
