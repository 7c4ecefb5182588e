"""The two providers' sandboxes as real servers on loopback, in threads of the test's process."""

import threading
import types

import httpx
import pytest

from saas.tenants.senders.sandbox import aliyun, tencent
from saas.tenants.senders.sandbox.server import Server

MODULES = {"aliyun": aliyun, "tencent": tencent}


class Sandbox:
    """One provider's sandbox: told what to do over HTTP."""

    def __init__(self, name: str, module: types.ModuleType) -> None:
        self.name = name
        self.server = Server(0, module.api, module.report)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def tell(self, what: str, **content):
        return httpx.post(f"http://{self.host}/_sandbox/{what}", json=content, timeout=20, trust_env=False).json()

    def fault(self, name: str, count: int = 1):
        self.tell("faults", name=name, count=count)

    @property
    def messages(self):
        return self.tell("state")["messages"]

    @property
    def calls(self):
        return self.tell("state")["calls"]


@pytest.fixture(params=sorted(MODULES))
def sandbox(request, settings):
    """Each provider in turn."""
    found = Sandbox(request.param, MODULES[request.param])
    settings.SMS_SANDBOXES = {**settings.SMS_SANDBOXES, request.param: found.host}
    yield found
    found.server.shutdown()
    found.server.server_close()
