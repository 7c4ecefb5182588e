"""Sends notices until they are acknowledged, on the channel's own schedule (CHANNELS 0.4)."""

import http.client
import json
import logging
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from tenant_apps.payments.sandbox import wire
from tenant_apps.payments.sandbox.channel import Channel
from tenant_apps.payments.sandbox.wire import Signer

logger = logging.getLogger(__name__)
PLAN_SECONDS = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)


class Notifier(threading.Thread):
    """One thread: refunds whose time has come, then notices that are due. `speed` divides the waits between tries."""

    def __init__(self, channel: Channel, speed: float) -> None:
        super().__init__(daemon=True, name="notifier")
        self.channel, self.speed = channel, speed
        self.wake = threading.Event()

    def run(self) -> None:
        """Until the process ends."""
        while True:
            self.wake.wait(0.2)
            self.wake.clear()
            try:
                self.channel.finish_due_refunds()
                self.send_due()
            except Exception:
                logger.exception("notifier")

    def send_due(self) -> None:
        """One round."""
        store = self.channel.store
        due = store.rows(
            "SELECT * FROM notice WHERE acknowledged = 0 AND attempts < ? AND due <= ? ORDER BY due LIMIT 50",
            len(PLAN_SECONDS), time.time(),
        )  # fmt: skip
        for row in due:
            status = self.send(row, spoil=row["spoil"])
            done = status in (200, 204) or bool(row["spoil"])  # a probe is sent once, whatever the answer
            pause = PLAN_SECONDS[row["attempts"]] / self.speed
            store.run(
                "UPDATE notice SET attempts = attempts + 1, last_status = ?, acknowledged = ?, due = ? WHERE id = ?",
                status, int(done), time.time() + pause, row["id"],
            )  # fmt: skip

    def send(self, row: dict[str, Any], *, spoil: str = "", age_seconds: int = 0, signer: Signer | None = None) -> int:
        """Send one notice now; the HTTP status of the answer, 0 for none within five seconds."""
        body = self.body_of(row)
        merchant = self.channel.merchant(row["mchid"])
        key = signer or self.channel.signer(merchant)
        sent = body.replace(b'"summary"', b'"Summary"', 1) if spoil == "tampered" else body
        return post(row["url"], sent, key.headers(body, age_seconds=age_seconds, spoil=spoil))

    def body_of(self, row: dict[str, Any]) -> bytes:
        """The notice's JSON, its resource encrypted for the merchant."""
        merchant = self.channel.merchant(row["mchid"])
        kind = "transaction" if row["event"].startswith("TRANSACTION") else "refund"
        resource = wire.encrypted(merchant["api_key"], wire.compact(json.loads(row["content"])), kind)
        return wire.compact(
            {
                "id": row["id"].split("#")[0],
                "create_time": wire.beijing(),
                "resource_type": "encrypt-resource",
                "event_type": row["event"],
                "summary": "支付成功" if kind == "transaction" else "退款通知",
                "resource": {**resource, "original_type": kind},
            }
        )


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to a mall of this machine: *.localhost is 127.0.0.1, whatever the resolver thinks."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind("127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80), timeout=5)
    every = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Mozilla/4.0",
        "Request-ID": secrets.token_hex(12),
        **headers,
    }
    try:
        connection.request("POST", parts.path, body, every)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
