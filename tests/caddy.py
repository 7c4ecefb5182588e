"""A real Caddy for tests, as docs/operators/domains.md sets it up, with its internal authority instead of a public one."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.dns import free_port

CADDY = shutil.which("caddy")
WHY_NOT = "caddy is not installed (Debian: apt-get install caddy)"


@dataclass(frozen=True)
class Edge:
    """A Caddy under way."""

    port: int
    authority: str
    home: Path

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def certificates(self) -> set[str]:
        """The names for which it made one."""
        return {path.stem for path in (self.home / "caddy" / "certificates").rglob("*.crt")}


@contextmanager
def running(home: Path, web: int) -> Iterator[Edge]:
    """A Caddy before the web process on that port of loopback, which it asks, too."""
    port, admin = free_port(), free_port()
    proxy = {"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{web}"}]}
    inside = {
        "match": [{"path": ["/_tls/*", "/_health"]}],
        "handle": [{"handler": "static_response", "status_code": 404}],
        "terminal": True,
    }
    config = {
        "admin": {"listen": f"127.0.0.1:{admin}"},
        "logging": {"logs": {"default": {"level": "ERROR"}}},
        "apps": {
            "pki": {"certificate_authorities": {"local": {"install_trust": False}}},
            "http": {
                "servers": {
                    "edge": {
                        "listen": [f"127.0.0.1:{port}"],
                        "automatic_https": {"disable_redirects": True},
                        "tls_connection_policies": [{}],
                        "routes": [inside, {"handle": [proxy]}],
                    }
                }
            },
            "tls": {
                "automation": {
                    "policies": [{"issuers": [{"module": "internal"}], "on_demand": True}],
                    "on_demand": {"ask": f"http://127.0.0.1:{web}/_tls/ask"},
                }
            },
        },
    }
    (home / "caddy.json").write_text(json.dumps(config))
    environment = {name: str(home) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")} | {
        "PATH": os.environ["PATH"]
    }
    command = [str(CADDY), "run", "--config", str(home / "caddy.json")]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    authority = home / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    deadline = time.monotonic() + 30
    try:
        while not (authority.exists() and _listens(port)):
            assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()[-2000:]
            time.sleep(0.05)
        yield Edge(port, str(authority), home)
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
