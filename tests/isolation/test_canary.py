"""T1: mall A is full of a marker; every named page of B is fetched as everybody of B, with A's ids: no marker comes back.

T2: hosts against credentials. T3 (codes, tokens, sessions) is in tests/saas/identity/test_isolation.py.
"""

import dataclasses
import itertools
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from saas.identity import roles
from saas.messaging.notices.services import send_notice
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.selectors import mall_by_host
from tenant_apps.members import services
from tests.factories.browser import MallClient
from tests.factories.catalog import single
from tests.factories.orders import paid
from tests.factories.people import NOW, make_member, make_staff
from tests.tenant_apps.members.test_addresses import GOOD

MARKER = "CANARY7f3a9c"
_SKIPPED = ("static/",)


def named_paths() -> list[tuple[str, list[str]]]:
    """Every route of the cell, with the names of its arguments."""
    found: list[tuple[str, list[str]]] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for one in patterns:
            here = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                walk(one.url_patterns, here)
            elif not here.startswith(_SKIPPED):
                found.append((here, list(one.pattern.converters) or list(one.pattern.regex.groupindex)))

    walk(get_resolver().url_patterns, "")
    return found


def addresses(ids: list[str]) -> list[str]:
    """Every named page, once with each of the ids in place of its arguments."""
    out = []
    for route, names in named_paths():
        for value in ids if names else [""]:
            path = route
            for name in names:
                path = re.sub(rf"<(\w+:)?{name}>|\(\?P<{name}>[^)]*\)", value, path)
            out.append("/" + path.strip("^$").replace("\\", ""))
    return sorted(set(out))


@pytest.fixture
def marked(grocery):
    """The grocery mall with the marker in every person, address, notice and, where texts allow, every stored row."""
    owner = make_staff(name=MARKER)
    top = make_member(name=MARKER[:12], promoter=True)
    member = make_member(name=MARKER[:12], referrer=top)
    address = services.add_address(
        member=member, given=dataclasses.replace(GOOD, name=MARKER, detail=f"{MARKER} 1"), now=NOW
    )
    send_notice(kind="mall_ready", to_email=f"{MARKER}@example.com", context={"mall": MARKER, "url": MARKER}, key="c")
    sku = single(MARKER)
    order = paid(member, (sku, 1), now=NOW)
    _mark_texts()
    ids = [order.ulid, sku.product.ulid, member.ulid, address.ulid, "1"]
    return {"ids": ids, "member": member, "owner": owner}


def _mark_texts() -> None:
    """Put the marker into every free text of every row the mall has, whatever app it belongs to."""
    guarded = {name for app in apps.get_app_configs() for name in getattr(app, "append_only_tables", ())}
    guarded |= {name for app in apps.get_app_configs() for name in getattr(app, "trigger_owned_tables", ())}
    mine = {app.split(".")[-1] for app in settings.TENANT_APPS}
    for model in apps.get_models():
        if model._meta.app_label not in mine - {"auth", "contenttypes", "sessions", "admin", "account"}:
            continue
        if model._meta.db_table in guarded:
            continue
        for field in model._meta.concrete_fields:
            free = isinstance(field, models.TextField) or (
                isinstance(field, models.CharField) and field.max_length >= 60
            )
            if free and not field.unique and not field.choices and not isinstance(field, models.EmailField):
                if field.name in ("password", "digest", "roles"):
                    continue
                model._default_manager.update(**{field.name: MARKER})


def visitors() -> dict[str, MallClient]:
    """Everybody of the beauty mall: nobody, a member, each role of staff. Call it inside that mall."""
    found = {"anonymous": MallClient("beauty.localhost")}
    for role in roles.Role:
        found[role.value] = MallClient("beauty.localhost")
        found[role.value].force_login(make_staff(role), backend=settings.AUTHENTICATION_BACKENDS[0])
    found["member"] = MallClient("beauty.localhost")
    found["member"].force_login(make_member(name="Bea").user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return found


def test_no_page_of_one_mall_shows_anything_of_the_other(marked):
    pages = addresses(marked["ids"])
    assert len(pages) > 40
    at_home = MallClient()
    at_home.force_login(marked["member"].user, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert MARKER in at_home.get("/me/addresses").content.decode()  # the marker would be seen if it were there
    firsts = addresses(marked["ids"][:1])
    seen, broken = 0, []
    with in_mall(mall_by_host("beauty.localhost")):
        for name, client in visitors().items():
            client.raise_request_exception = False
            visits = [("get", path) for path in (pages if name in ("owner", "member") else firsts)]
            visits += [("post", path) for path in (firsts if name in ("owner", "member") else [])]
            for method, path in visits:
                if "logout" in path or path.endswith("/close"):
                    continue
                answer = getattr(client, method)(path)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                shown = body.decode(errors="replace") + str(dict(answer.headers)) + str(answer.cookies)
                assert MARKER[:12] not in shown, f"{method} {path} as {name}"
                broken += [f"{method} {path} as {name}"] if answer.status_code == 500 else []
                seen += 1
    assert seen > 500
    assert not broken


HOSTS = [
    "grocery.localhost",
    "beauty.localhost",
    "unknown.localhost",
    "127.0.0.1",
    "BEAUTY.localhost",
    "beauty.localhost.",
]
HOSTS += ["beauty.localhost:8100", "public", "mall_trap"]


def test_host_and_credential_together_decide(marked):
    with in_mall(mall_by_host("beauty.localhost")):
        there = MallClient("beauty.localhost")
        there.force_login(make_member(name="Bea").user, backend=settings.AUTHENTICATION_BACKENDS[0])
    here = MallClient()
    here.force_login(marked["member"].user, backend=settings.AUTHENTICATION_BACKENDS[0])
    sources = {"none": None, "session of A": here, "session of B": there}
    for host, (credential, source), forwarded in itertools.product(HOSTS, sources.items(), ("", "grocery.localhost")):
        named = host.lower().rstrip(".").split(":")[0]
        client = MallClient(host)
        if source is not None:
            client.cookies["sessionid"] = source.cookies["sessionid"].value
        extra = {"HTTP_X_FORWARDED_HOST": forwarded} if forwarded else {}
        answer = client.get("/me/addresses", **extra)
        if named not in ("grocery.localhost", "beauty.localhost"):
            assert answer.status_code == 404, host
        elif (named, credential) in (("grocery.localhost", "session of A"), ("beauty.localhost", "session of B")):
            assert answer.status_code == 200, host
            assert (MARKER in answer.content.decode()) == (named == "grocery.localhost")
        else:
            assert answer.status_code == 302 and MARKER not in answer.content.decode(), (host, credential)
