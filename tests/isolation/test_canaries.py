"""T1 and T2: no page of one mall ever shows another mall's rows, whoever asks, by whatever id and host (RELIABILITY A2)."""

import itertools
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django_tenants.utils import schema_context

from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tests.factories import catalog, orders, people

CANARY = "CANARYOFTHEOTHERMALL"
ULID = re.compile(r"^[0-9A-HJKMNP-TV-Z]{26}$")
PLAIN = {"language": "en", "code": "en", "kind": "terms", "channel": "wechat", "path": "x.png", "size": "160"}


def mall_of(schema: str) -> Mall:
    with schema_context("public"):
        return Mall.objects.get(schema_name=schema)


def fill() -> dict[str, object]:
    """People, goods and an order in the active mall; whom to sign in as."""
    referrer = people.make_member(name="Referrer", promoter=True)
    buyer = people.make_member(name="Buyer", referrer=referrer)
    order = orders.paid(buyer, (catalog.single(), 1))
    return {"anonymous": None, "member": buyer.user, "staff": people.make_staff(), "order": order.ulid}


def mark_everything() -> int:
    """Put the canary into every free text column of the active mall; how many columns took it."""
    marked = 0
    for model in apps.get_models():
        config = apps.get_app_config(model._meta.app_label)
        if config.name not in settings.TENANT_APPS or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            free = isinstance(field, models.TextField) or (
                type(field) is models.CharField and (field.max_length or 999) >= 60
            )
            if (
                not free
                or field.unique
                or field.choices
                or field.name in ("password", "session_key", "codename", "key")
            ):
                continue
            column, table = field.column, model._meta.db_table
            with connection.cursor() as cursor:
                try:
                    with transaction.atomic():
                        cursor.execute(
                            f'UPDATE "{table}" SET "{column}" = left(%s || "{column}", %s)',
                            [CANARY, field.max_length or 500],
                        )
                    marked += cursor.rowcount > 0
                except (
                    Exception
                ):  # guarded tables refuse: the ledger and the audit trail are marked by their own writers
                    continue
    return marked


def ids_of_active_mall() -> list[str]:
    """Every public id in the active mall."""
    found: list[str] = []
    for model in apps.get_models():
        config = apps.get_app_config(model._meta.app_label)
        if config.name in settings.TENANT_APPS:
            for field in model._meta.concrete_fields:
                if field.name in ("ulid", "public_id", "share_code", "token"):
                    found += [str(value) for value in model.objects.values_list(field.name, flat=True)[:3]]
    return list(dict.fromkeys(found))


def addresses(ids: list[str], patterns: list | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address of the cell's URL table, its parameters filled with `ids` or plain values."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from addresses(ids, entry.url_patterns, route)
            continue
        assert isinstance(entry, URLPattern)
        names = re.findall(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", route)
        names = [first or second for first, second in names]
        choices = [[PLAIN[name]] if name in PLAIN else [*ids, "1"] for name in names]
        for values in itertools.islice(itertools.product(*choices), 60):
            it = iter(values)
            filled = re.sub(r"<(?:\w+:)?\w+>|\(\?P<\w+>[^)]*\)", lambda _, it=it: next(it), route)
            yield re.sub(r"[\\^$?]|\\Z", "", filled)


@pytest.fixture
def two_malls(db):
    with in_mall(mall_of("t_test_beauty")):
        theirs = fill()
        assert mark_everything() >= 12
        their_ids = ids_of_active_mall()
    with in_mall(mall_of("t_test_grocery")):
        ours = fill()
        yield ours, theirs, their_ids


def browser(user: object, host: str = "grocery.localhost") -> Client:
    client = Client(HTTP_HOST=host, raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("who", ["anonymous", "member", "staff"])
def test_no_address_shows_a_row_of_the_other_mall(two_malls, who):
    ours, _, their_ids = two_malls
    here = connection.tenant
    client = browser(ours[who])
    visited, routes = 0, set()
    for address in addresses(their_ids):
        connection.set_tenant(here)
        if "logout" in address:
            continue
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert CANARY.encode() not in body, address
        assert CANARY not in str(response.headers), address
        assert response.status_code < 500, f"{address}: {response.status_code}"
        visited += 1
        routes.add(getattr(response.resolver_match, "route", address))
    connection.set_tenant(here)
    assert visited > 100
    assert len(routes) > 30


def test_the_canary_is_seen_in_its_own_mall(two_malls):
    """The crawl could fail: the same crawl in the marked mall finds the mark."""
    _, theirs, their_ids = two_malls
    here = connection.tenant
    seen = 0
    with in_mall(mall_of("t_test_beauty")):
        client = browser(theirs["staff"], "beauty.localhost")
        marked_mall = connection.tenant
        for address in addresses(their_ids):
            connection.set_tenant(marked_mall)
            if "logout" not in address:
                seen += CANARY.encode() in getattr(client.get(address), "content", b"")
        connection.set_tenant(marked_mall)
    connection.set_tenant(here)
    assert seen >= 5


HOSTS = {
    "grocery.localhost": "ours",
    "GROCERY.localhost": "ours",
    "grocery.localhost.": "ours",
    "grocery.localhost:8100": "ours",
    "beauty.localhost": "theirs",
    "unknown.localhost": None,
    "127.0.0.1": None,
    "localhost": None,
    "grocery.localhost@beauty.localhost": None,
    "": None,
}


@pytest.mark.parametrize("host", list(HOSTS))
@pytest.mark.parametrize("session", ["none", "ours", "theirs"])
@pytest.mark.parametrize("forwarded", ["", "beauty.localhost"])
def test_a_session_is_worth_something_only_at_its_own_mall(two_malls, host, session, forwarded):
    ours, theirs, _ = two_malls
    here = connection.tenant
    cookie = ""
    if session != "none":
        home = {"ours": "grocery.localhost", "theirs": "beauty.localhost"}[session]
        with in_mall(mall_of({"ours": "t_test_grocery", "theirs": "t_test_beauty"}[session])):
            signed_in = browser({"ours": ours, "theirs": theirs}[session]["member"], home)
            cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    client = Client(raise_request_exception=False)
    if cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    headers = {"HTTP_HOST": host} | ({"HTTP_X_FORWARDED_HOST": forwarded} if forwarded else {})
    order = {"ours": ours, "theirs": theirs}[session if session != "none" else "ours"]["order"]
    response = client.get(f"/orders/{order}", **headers)
    connection.set_tenant(here)
    if HOSTS[host] is None:
        assert response.status_code in (400, 404, 421)
    elif HOSTS[host] == session:
        assert response.status_code == 200
    else:
        assert response.status_code in (302, 303, 404)
        assert "/auth/" in response.headers.get("Location", "/auth/")
