"""AWS's far end for tests: moto's server, spoken to over HTTP. It checks no rule of the real AWS."""

from collections.abc import Iterator
from types import SimpleNamespace

import boto3
import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

REGION = "ap-east-1"


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(_moto: str, monkeypatch: pytest.MonkeyPatch, settings: SimpleNamespace) -> str:
    """The address of an empty AWS; clients of this process go there (settings.AWS_ENDPOINT_URL, test credentials)."""
    values = {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": REGION, "ENDPOINT_URL": _moto}
    for name, value in values.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    settings.AWS_ENDPOINT_URL = _moto
    boto3.DEFAULT_SESSION = None
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{_moto}/moto-api/reset", method="POST"), timeout=60).close()
    return _moto
