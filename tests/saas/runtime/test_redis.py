"""The launcher of the embedded Redis."""

import os
import signal
import stat
import time

import redis

from saas.runtime.redis import Redis


def test_starts_stops_quickly_and_starts_again_after_a_kill(place):
    server = Redis(place)
    server.start()
    server.start()
    assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
    client = redis.Redis.from_url(server.url)
    assert client.ping()
    assert client.config_get("port") == {"port": "0"}
    os.kill(client.info("server")["process_id"], signal.SIGKILL)
    server.start()
    assert server.answers()
    started = time.monotonic()
    server.stop()
    assert not server.answers()
    assert time.monotonic() - started < 5


def test_a_home_with_a_long_path_gets_its_socket_elsewhere(place):
    server = Redis(place / ("long-" * 12) / ("name-" * 12))
    try:
        server.start()
        assert server.answers()
        assert len(os.fsencode(server.socket)) <= 107
    finally:
        server.stop()
        server.socket.unlink(missing_ok=True)
        server.socket.parent.rmdir()
