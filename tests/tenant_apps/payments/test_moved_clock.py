"""Channels live in the world's time: a rehearsal that is ninety days ahead is paid and refunded as any other mall."""

import datetime as dt

from django.db import connection
from django_tenants.utils import schema_context

from saas.kernel import clock
from saas.ledger.models import Entry
from saas.tenants.malls import services as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import ChannelCredential, Notice, Payment
from tests.tenant_apps.payments.test_notices import begin


def test_notices_of_the_sandbox_are_taken_in_a_mall_that_is_ahead(shop, sandbox, drain):
    with schema_context("public"):
        Mall.objects.filter(pk=shop.pk).update(state="rehearsal", live_at=None)
    moved = malls.move_clock(shop.ulid, to=clock.now() + dt.timedelta(days=90))
    with in_mall(moved):
        ChannelCredential.objects.all().delete()
        payment = begin(sandbox)
        ahead = payment.expires_at - clock.real_now()
        assert ahead > dt.timedelta(days=90)
        assert sandbox.notice(payment, variant="stale", age_seconds=90 * 86400) == 401
        assert sandbox.notice(payment) == 204
        drain()
        connection.set_tenant(moved)
        payment.refresh_from_db()
        assert payment.state == "paid" and Notice.objects.count() == 1
        assert abs(clock.now() - payment.paid_at) < dt.timedelta(minutes=1)
        assert abs(clock.now() - Entry.objects.get(kind="payment").occurred_at) < dt.timedelta(minutes=1)
        second = begin(sandbox, document="test:late")
        assert payments.query_payment(payment_ulid=second.ulid, now=clock.now()) == "applied"
        assert abs(clock.now() - Payment.objects.get(pk=second.pk).paid_at) < dt.timedelta(minutes=1)
