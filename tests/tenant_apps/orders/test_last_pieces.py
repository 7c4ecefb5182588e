"""Many buyers press “place the order” at once over HTTP, at a real web server: exactly the pieces in stock are sold."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from importlib import import_module
from pathlib import Path

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django_tenants.utils import schema_context

from saas.kernel.ids import new_ulid
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import ProductCard, Sku
from tenant_apps.members import services as members
from tenant_apps.orders.models import Order, OrderLine
from tests.cases import cases
from tests.factories import catalog
from tests.factories.people import NOW, make_member
from tests.tenant_apps.members.test_addresses import GOOD

PROJECT = Path(__file__).resolve().parents[3]
BUYERS = 2_000 if cases(1) >= 10 else 80
PIECES = BUYERS // 20
CLIENTS = 16
TOKEN = "a" * 32


def _session(user) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = user._meta.pk.value_to_string(user)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return store.session_key


def _server() -> tuple[subprocess.Popen, int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--no-ws", "--workers", "2", "--blocking-threads", "8", "saas.config.wsgi:application"]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            httpx.get(
                f"http://127.0.0.1:{port}/cart", headers={"Host": "grocery.localhost"}, timeout=10, trust_env=False
            )
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return process, port
    process.terminate()
    raise AssertionError("the web server does not answer")


def test_as_many_orders_as_pieces_however_many_press(committed):
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall), transaction.atomic():
        sku = catalog.single(price=1000, stock=PIECES)
        buyers = []
        for _ in range(BUYERS):
            member = make_member()
            buyers.append((_session(member.user), members.add_address(member=member, given=GOOD, now=NOW).ulid))
    process, port = _server()
    answers: Counter[str] = Counter()
    lock, start, queue = threading.Lock(), threading.Barrier(CLIENTS), iter(buyers)

    def press() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=120) as client:
            start.wait()
            while True:
                with lock:
                    buyer = next(queue, None)
                if buyer is None:
                    return
                answer = client.post(
                    "/checkout",
                    headers={
                        "Host": "grocery.localhost",
                        "Cookie": f"{settings.SESSION_COOKIE_NAME}={buyer[0]}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
                    },
                    data={
                        "csrfmiddlewaretoken": TOKEN,
                        "sku": sku.ulid,
                        "qty": "1",
                        "price": "1000",
                        "total": "1800",
                        "key": new_ulid(),
                        "address": buyer[1],
                    },
                )
                kind = answer.headers.get("location", "")[:5]
                with lock:
                    answers[f"{answer.status_code} {kind}".strip()] += 1

    threads = [threading.Thread(target=press) for _ in range(CLIENTS)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        process.terminate()
        process.wait(20)
    assert answers == {"302 /pay/": PIECES, "409": BUYERS - PIECES}
    with in_mall(mall):
        assert Order.objects.count() == OrderLine.objects.count() == PIECES
        assert Order.objects.values("member").distinct().count() == PIECES
        assert Sku.objects.get().stock == 0 and ProductCard.objects.get().stock == 0
