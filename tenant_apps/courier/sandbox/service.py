"""What the sandbox knows: accounts, orders with their riders, faults; and the callbacks it sends. In memory."""

import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tenant_apps.courier.sandbox import posting

WORDS = {1: "待接单", 2: "待取货", 3: "配送中", 4: "已完成", 5: "已取消", 9: "妥投异常之物品返回中", 10: "妥投异常之物品返回完成", 100: "骑士到店"}  # fmt: skip
STEPS = {"accept": 2, "arrive": 100, "fetch": 3, "finish": 4, "cancel": 5, "return": 9, "back": 10}
FAULTS = ("error_before", "error_after", "garbage", "no_callback", "twice")


class Refused(Exception):
    """An answer with a code of its own."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text


@dataclass
class Parcel:
    """An order as the service keeps it; money in yuan, as it is sent."""

    account: str
    content: dict[str, Any]
    fee: str
    client_id: str = field(default_factory=lambda: str(secrets.randbelow(10**15)))
    status: int = 1
    deduct: str = "0"
    updated: int = field(default_factory=lambda: int(time.time()))

    def answer(self) -> dict[str, Any]:
        """As status/query says it."""
        has_rider = self.status not in (1, 5)
        return {
            "orderId": self.content["origin_id"],
            "statusCode": self.status,
            "statusMsg": WORDS[self.status],
            "transporterName": "达小骑" if has_rider else "",
            "transporterPhone": "13900001234" if has_rider else "",
            "deliveryFee": float(self.fee),
            "actualFee": float(self.fee),
            "deductFee": float(self.deduct),
            "distance": 1800,
        }

    def callback(self) -> dict[str, Any]:
        """As a callback says it."""
        body: dict[str, Any] = {
            "client_id": self.client_id,
            "order_id": self.content["origin_id"],
            "order_status": self.status,
            "update_time": self.updated,
            "cancel_from": 0,
            "dm_name": "达小骑",
            "dm_mobile": "13900001234",
        }
        parts = [str(body[name]) for name in ("order_id", "update_time", "client_id")]
        parts.sort()
        body["signature"] = hashlib.new("md5", "".join(parts).encode(), usedforsecurity=False).hexdigest()
        return body


class Service:
    """All of it, under one lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, dict[str, str]] = {}
        self.parcels: dict[tuple[str, str], Parcel] = {}
        self.faults: dict[tuple[str, str], int] = {}

    def open_account(self, name: str) -> dict[str, str]:
        """An account for a mall to enter."""
        account = {
            "name": name,
            "app_key": "dada" + secrets.token_hex(8),
            "app_secret": secrets.token_hex(16),
            "source_id": str(10_000 + secrets.randbelow(89_999)),
        }
        with self.lock:
            self.accounts[account["app_key"]] = account
        return account

    def fault(self, account: str, name: str) -> bool:
        """Whether this fault is due now; then it has happened."""
        with self.lock:
            left = self.faults.get((account, name), 0)
            self.faults[account, name] = max(0, left - 1)
            return left > 0

    def admit(self, envelope: dict[str, Any]) -> str:
        """The app key of a request that is rightly signed. Raises Refused."""
        account = self.accounts.get(str(envelope.get("app_key")))
        if account is None or str(envelope.get("source_id")) != account["source_id"]:
            raise Refused(2003, "商户或应用不存在")
        if abs(time.time() - int(envelope["timestamp"])) > 600:
            raise Refused(2009, "时间戳已过期")
        names = sorted(name for name in envelope if name != "signature")
        text = account["app_secret"]
        for name in names:
            text += name + str(envelope[name])
        text += account["app_secret"]
        digest = hashlib.new("md5", text.encode(), usedforsecurity=False).hexdigest()
        if digest.upper() != envelope.get("signature"):
            raise Refused(2002, "签名错误")
        return account["app_key"]

    def carry_out(self, account: str, path: str, content: dict[str, Any]) -> object:
        """One operation of an account. Raises Refused."""
        with self.lock:
            if path == "/api/cityCode/list":
                return [{"cityName": "广州", "cityCode": "020"}]
            if path == "/api/order/queryDeliverFee":
                return {**self._price(content), "deliveryNo": secrets.token_hex(12)}
            if path == "/api/order/addOrder":
                key = (account, str(content["origin_id"]))
                if key in self.parcels:
                    raise Refused(2105, "订单已存在，请勿重复发单")
                price = self._price(content)
                self.parcels[key] = Parcel(account, content, str(price["fee"]))
                return price
            found = self.parcels.get((account, str(content.get("order_id"))))
            if found is None:
                raise Refused(2005, "订单不存在")
            if path == "/api/order/status/query":
                return found.answer()
            if path == "/api/order/formalCancel":
                if found.status not in (1, 2, 8, 100):
                    raise Refused(2155, "订单状态不允许取消")
                found.deduct = "2.0" if found.status != 1 else "0"
                self.move(found, 5)
                return {"deduct_fee": float(found.deduct)}
        raise Refused(404, "接口不存在")

    def move(self, parcel: Parcel, status: int) -> None:
        """A rider's step, told by callback."""
        with self.lock:
            parcel.status, parcel.updated = status, max(int(time.time()), parcel.updated + 1)
        if not self.fault(parcel.account, "no_callback"):
            times = 2 if self.fault(parcel.account, "twice") else 1
            body = json.dumps(parcel.callback()).encode()
            threading.Thread(target=_tell, args=(parcel.content["callback"], body, times), daemon=True).start()

    def _price(self, content: dict[str, Any]) -> dict[str, Any]:
        for name in ("shop_no", "origin_id", "receiver_name", "receiver_address", "receiver_phone", "callback"):
            if not content.get(name):
                raise Refused(2001, f"参数错误：{name}")
        if not (-90 <= content["receiver_lat"] <= 90 and content["cargo_weight"] > 0):
            raise Refused(2001, "参数错误")
        if str(content["shop_no"]).startswith("0"):
            raise Refused(2402, "门店不存在")
        fee = 6.5 + (1.5 if content["cargo_weight"] > 5 else 0)
        return {"distance": 1800.0, "fee": fee, "deliverFee": fee, "couponFee": 0, "insuranceFee": 0, "tips": 0}


def _tell(url: str, body: bytes, times: int) -> None:
    for _time in range(times):
        for wait in (0.2, 1, 3):
            if posting.post(url, body, "application/json")[0] == 200:
                break
            time.sleep(wait)
