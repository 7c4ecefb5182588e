"""The same thing at the same moment: tries, uses, limits and members are counted right all the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from saas.identity import services
from saas.identity.limits import TooManyAttempts
from saas.identity.models import SignInCode, User
from saas.identity.services.codes import CodeSpent, WrongCode
from saas.messaging.notices.models import Notice
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.selectors import mall_by_host
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tests.factories.people import NOW, make_user
from tests.saas.identity.conftest import last_code

PHONE = "+8613700000077"
THREADS = 8


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What `act` returns or raises in each of the threads, inside the grocery mall."""

    def one(number: int) -> Any:
        try:
            with in_mall(mall_by_host("grocery.localhost")):
                return act(number)
        except Exception as error:
            return type(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


@pytest.fixture
def mall(committed):
    with in_mall(mall_by_host("grocery.localhost")) as active:
        yield active
        connection.set_tenant(active)


def test_everything_at_once(mall):
    """One test, since each fresh database costs a second: the parts do not touch one another."""
    sent = at_once(lambda n: services.send_code(purpose="sign_in", target=PHONE, ip=f"10.0.0.{n}", now=NOW))
    assert sorted(map(str, sent)).count(str(TooManyAttempts)) == THREADS - 1
    assert Notice.objects.filter(to_phone=PHONE).count() == 1

    ulid = SignInCode.objects.get(target=PHONE).ulid
    code = last_code(PHONE)
    used = at_once(lambda _: services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW))
    assert used.count(PHONE) == 1
    assert set(used) <= {PHONE, CodeSpent, WrongCode}

    with transaction.atomic():
        SignInCode.objects.filter(ulid=ulid).update(used_at=None, tries=0)
        user = make_user()
    wrong = "000000" if code != "000000" else "111111"
    at_once(lambda _: services.check_code(ulid=ulid, purpose="sign_in", code=wrong, now=NOW))
    assert SignInCode.objects.get(ulid=ulid).tries == 5
    with pytest.raises(CodeSpent):
        services.check_code(ulid=ulid, purpose="sign_in", code=code, now=NOW)

    entered = at_once(lambda _: services.enter_by_code(target=PHONE, agreed=True, ip="10.0.0.1", now=NOW)[0].pk)
    assert len(set(entered)) == 1 and User.objects.filter(phone=PHONE).count() == 1

    joined = at_once(lambda _: members.ensure_member(user=user, now=NOW).pk)
    assert len(set(joined)) == 1 and Member.objects.filter(user=user).count() == 1
