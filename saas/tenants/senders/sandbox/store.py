"""What a sandbox remembers: accounts, templates, messages, and the faults it was told to show. In memory."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

# One call each: answers nothing after having sent (timeout, drop), refuses (throttled, signature, template, 500).
FAULTS = frozenset({"timeout", "drop", "throttled", "wrong_signature", "template", "number", "error_500"})


@dataclass
class Store:
    """One provider's world. `bad_templates` and `bad_signatures` are not approved; every other one is."""

    keys: dict[str, str] = field(default_factory=lambda: {"sandbox-key": "sandbox-secret"})
    signatures: dict[str, bool] = field(default_factory=lambda: {"测试商城": True, "待审签名": False})
    bad_templates: dict[str, str] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    report_url: str = ""
    wait_seconds: float = 12
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, fault: str) -> bool:
        """Whether a fault is due now; each is shown as often as it was told."""
        with self.lock:
            left = self.faults.get(fault, 0)
            self.faults[fault] = max(left - 1, 0)
            return left > 0

    def add(self, **values: Any) -> dict[str, Any]:
        """Keep a message that was taken."""
        with self.lock:
            row = {
                "id": f"{int(time.time())}{secrets.randbelow(10**9):09d}",
                "at": time.time(),
                "state": "sent",
                **values,
            }
            self.messages.append(row)
            return row
