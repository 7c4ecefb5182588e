"""The cache keeps one connection a thread: broken, it is made anew; a forked process makes its own."""

import os
import time

import redis
from django.conf import settings
from django.core.cache import caches


def _server() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def test_a_connection_that_the_server_closed_is_made_anew():
    cache = caches["public"]
    cache.set("test:kept", {"a": 1}, 30)
    server = _server()
    server.client_kill_filter(_type="normal", skipme=True)
    assert cache.get("test:kept") == {"a": 1}


def test_reads_take_one_connection():
    cache, server = caches["public"], _server()
    cache.get("test:kept")
    before = len(server.client_list())
    for _ in range(20):
        cache.get("test:kept")
    assert len(server.client_list()) == before


def test_a_forked_process_has_its_own_connection():
    cache = caches["public"]
    cache.set("test:fork", "parent", 30)
    mine = cache._cache.get_client().client_id()
    child = os.fork()
    if not child:
        os._exit(0 if cache.get("test:fork") == "parent" and cache._cache.get_client().client_id() != mine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert cache._cache.get_client().client_id() == mine
    assert cache.get("test:fork") == "parent"


def test_keys_read_ahead_are_handed_out_once_and_never_after_a_change():
    cache = caches["public"]
    cache.set("test:a", False, 30)
    cache.set("test:b", "b", 30)
    cache.read_ahead(["test:a", "test:b", "test:missing"])
    server = _server()
    before = server.info("commandstats")["cmdstat_get"]["calls"]
    assert (cache.get("test:a", "none"), cache.get("test:b")) == (False, "b")
    assert server.info("commandstats")["cmdstat_get"]["calls"] == before
    assert cache.get("test:missing", "none") == "none"
    assert cache.get("test:b") == "b"
    cache.read_ahead(["test:a", "test:b"])
    cache.set("test:b", "changed", 30)
    assert cache.get("test:b") == "changed"
    cache.read_ahead(["test:a"])
    cache.delete("test:a")
    assert cache.get("test:a", "none") == "none"
    cache.read_ahead(["test:b"])
    server.set(cache.make_key("test:b"), 7)
    time.sleep(0.6)
    assert cache.get("test:b") == 7  # what was read too long ago is read again
