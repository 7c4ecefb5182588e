"""PreparedRead: the same instances as its queryset, of the mall that is active, one statement."""

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from saas.identity.models import User
from saas.kernel.prepared import PreparedRead
from saas.tenants.malls.activation import in_mall
from tests.factories.people import make_member

BY_PHONE = PreparedRead(
    lambda phone: User.objects.select_related("member").filter(phone=phone).order_by("pk"), phone="?phone"
)


def test_reads_what_the_queryset_reads(grocery):
    member = make_member(name="李小满")
    user = User.objects.select_related("member").get(pk=member.user_id)
    with CaptureQueriesContext(connection) as statements:
        found = BY_PHONE.first(phone=user.phone)
        assert found.member.name == "李小满"
    assert len(statements) == 1
    assert found == user and found.__dict__.keys() == user.__dict__.keys()
    assert (found._state.db, found._state.adding) == ("default", False)
    assert BY_PHONE.rows(phone="+8600000000000") == []


def test_a_missing_related_row_is_none(grocery):
    user = User.objects.create_user(phone="+8613800000077")
    found = BY_PHONE.first(phone=user.phone)
    with CaptureQueriesContext(connection) as statements:
        assert getattr(found, "member", None) is None
    assert len(statements) == 0


def test_reads_the_mall_that_is_active(grocery, beauty):
    phone = "+8613800000078"
    with in_mall(grocery):
        User.objects.create_user(phone=phone, name="in the first")
    with in_mall(beauty):
        assert BY_PHONE.first(phone=phone) is None
        User.objects.create_user(phone=phone, name="in the second")
    for mall, name in ((grocery, "in the first"), (beauty, "in the second")) * 4:
        with in_mall(mall):
            assert BY_PHONE.first(phone=phone).name == name


def test_a_sample_that_the_query_does_not_use_is_refused(grocery):
    with pytest.raises(ValueError, match="other"):
        PreparedRead(lambda phone, other: User.objects.filter(phone=phone), phone="?phone", other="?x").rows(phone="")


def test_a_lock_outside_a_transaction_is_refused(committed):
    from tests.isolation.test_connections import mall_of

    locked = PreparedRead(lambda phone: User.objects.select_for_update().filter(phone=phone), phone="?phone")
    with in_mall(mall_of("t_test_grocery")):
        with transaction.atomic():
            assert locked.rows(phone="+8613800000079") == []
        with pytest.raises(TransactionManagementError):
            locked.rows(phone="+8613800000079")
