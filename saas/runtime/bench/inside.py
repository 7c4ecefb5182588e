"""What benches run inside a role's own process (saas.runtime.call)."""

import os
import secrets
import subprocess
import sys
import time
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from psycopg import sql

from provisioning.executor import schema
from saas.identity.models import User
from saas.kernel.clock import now
from saas.ledger import services as ledger
from saas.tenants.malls import selectors as registry
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Category, Sku
from tenant_apps.design import selectors as design
from tenant_apps.members import services as members
from tenant_apps.members.services.addresses import AddressInput

_PREFIX = "bench_"


def stamp() -> str:
    """A short word that no earlier bench used."""
    return secrets.token_hex(3)


def by_replay(*, times: int) -> list[float]:
    """Make `times` schemas as the schema step does; the seconds of each."""
    found = []
    for _ in range(times):
        name = f"{_PREFIX}{secrets.token_hex(8)}"
        started = time.perf_counter()
        schema.ensure_schema(name)
        found.append(time.perf_counter() - started)
    return found


def by_migrations(*, times: int) -> list[float]:
    """Migrate `times` template schemas, each in a database of its own; the seconds of the migrations alone."""
    owner = schema.owner_url()
    found = []
    for _ in range(times):
        name = f"{_PREFIX}{secrets.token_hex(8)}"
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            url = owner.replace(f"/{settings.DATABASES['default']['NAME']}?", f"/{name}?")
            code = (
                "import django, time; django.setup(); from django.core.management import call_command\n"
                "t = time.perf_counter(); call_command('build_schema_template'); print(time.perf_counter() - t)"
            )
            done = subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "DATABASE_URL": url},
                cwd=settings.BASE_DIR,
                capture_output=True,
                text=True,
                check=True,
            )
            found.append(float(done.stdout.strip().splitlines()[-1]))
        finally:
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    return found


def make_ledger() -> str:
    """One fresh mall schema with a book to post to; its name."""
    name = f"{_PREFIX}ledger_{secrets.token_hex(6)}"
    schema.ensure_schema(name)
    with psycopg.connect(schema.owner_url(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO public.malls_mall (ulid, schema_name, name, state, state_before, moved_to, epoch, schema_version, created_at, clock_offset_seconds, demo_seed)"
            " VALUES (%s, %s, 'Bench', 'rehearsal', '', '', 1, '', now(), 0, '')",
            [secrets.token_hex(13).upper(), name],
        )
    _open_accounts(name)
    return name


def _open_accounts(name: str) -> None:
    """Post once to every account of the bench: opening them is not what it measures."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with in_mall(Mall.objects.get(schema_name=name)):
        for start in range(0, 1000, 50):
            numbers = range(start, start + 50)
            moves = [ledger.Move(f"vendor.balance.{n}", f"vendor.balance.{1000 + n}", 1) for n in numbers]
            ledger.post_entry(key=f"open:{start}", kind="bench", moves=moves, document="bench:open", occurred_at=now())
        to_house = [ledger.Move("vendor.balance.0", "house", 1)]
        ledger.post_entry(key="open:house", kind="bench", moves=to_house, document="bench:open", occurred_at=now())


def drop_schemas() -> int:
    """Drop every schema that a bench made, a few in a transaction; how many."""
    with psycopg.connect(schema.owner_url(), autocommit=True) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'bench\\_%'").fetchall()
        connection.execute("DELETE FROM public.malls_mall WHERE schema_name LIKE 'bench\\_%'")
        for (name,) in rows:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
    return len(rows)


def make_shoppers(*, mall: str, count: int) -> dict[str, Any]:
    """`count` signed-in members with an address in a seeded mall: their cookies, and what there is to buy."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with in_mall(registry.mall_by_ulid(mall)) as active:
        shoppers = [_shopper(number) for number in range(count)]
        skus = list(Sku.objects.filter(stock__gt=5, is_active=True).order_by("pk")[:50])
        with transaction.atomic():
            Sku.objects.filter(pk__in=[sku.pk for sku in skus]).update(stock=1_000_000)
        category = Category.objects.filter(parent=None).order_by("position", "pk").first()
        return {
            "shoppers": shoppers,
            "skus": [sku.ulid for sku in skus],
            "product": skus[0].product.ulid,
            "category": category.slug if category else "",
            "preview": design.preview_token(active),
            "schema": active.schema_name,
        }


def _shopper(number: int) -> dict[str, str]:
    with transaction.atomic():
        user = User.objects.create_user(phone=f"+86137{secrets.randbelow(10**8):08d}", phone_verified=True)
        member = members.ensure_member(user=user, referral_code="", now=now())
        given = AddressInput(
            name="李明", phone="13800000001", province_code="440000", city_code="440100", district_code="440106",
            detail=f"体育西路{number}号", is_default=True,
        )  # fmt: skip
        address = members.add_address(member=member, given=given, now=now())
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    return {"session": str(session.session_key), "address": address.ulid, "member": member.ulid}
