"""A seller signs the voucher terms himself: read, agreed, by version, his own shop only; staff see who signed what."""

import datetime as dt

import pytest

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.sellers import services
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.services.voucher_terms import ShopClosed, VoucherTermsChanged
from tenant_apps.sellers.voucher_terms import CURRENT
from tests.factories import sellers as shops
from tests.factories import subsidy as shop
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()


def owned(member):
    found = shops.opened(settlement="concession", rate_ppm=200_000, now=NOW - dt.timedelta(days=30))
    Seller.objects.filter(pk=found.pk).update(owner=member)
    return found


def facts(ulid):
    row = Seller.objects.get(ulid=ulid)
    return row.voucher_terms_at, row.voucher_terms_by, row.voucher_terms_version, AuditRecord.objects.count()


def test_he_reads_signs_and_ends_them_and_staff_see_it(grocery):
    shop.approve()
    shop.publish(now=NOW - dt.timedelta(days=1))
    member = make_member(name="王掌柜")
    seller = owned(member)
    client, staff = signed_in(member.user), signed_in(make_staff(Role.FINANCE))
    url, office = f"/seller/{seller.ulid}/vouchers", f"/backoffice/sellers/{seller.ulid}"
    assert "read and sign the terms" in client.get("/seller", HTTP_ACCEPT_LANGUAGE="en").text
    assert "Takes no vouchers" in client.get(url, HTTP_ACCEPT_LANGUAGE="en").text
    assert "not signed" in staff.get(office, HTTP_ACCEPT_LANGUAGE="en").text
    before = facts(seller.ulid)
    refused = client.post(url, {"step": "sign", "version": str(CURRENT)}, HTTP_ACCEPT_LANGUAGE="en")
    assert (refused.status_code, facts(seller.ulid)) == (422, before)
    assert "say that you agree" in refused.text
    signed = client.post(url, {"step": "sign", "version": str(CURRENT), "agreed": "1"})
    assert (signed.status_code, facts(seller.ulid)[1:3]) == (302, (f"member:{member.ulid}", CURRENT))
    told = AuditRecord.objects.filter(target=f"seller:{seller.ulid}").order_by("-pk")[0]
    assert (told.action, told.actor, told.data["version"]) == (
        "seller.voucher_terms_signed",
        f"member:{member.ulid}",
        CURRENT,
    )
    assert f'data-signed="{CURRENT}"' in client.get(url, HTTP_ACCEPT_LANGUAGE="en").text
    assert f"version {CURRENT}: signed by 王掌柜" in staff.get(office, HTTP_ACCEPT_LANGUAGE="en").text
    client.post(url, {"step": "end", "version": str(CURRENT)})
    assert facts(seller.ulid)[:3] == (None, "", 0)


def test_another_version_another_shop_and_a_closed_one_are_refused(grocery):
    member, stranger = make_member(), make_member()
    seller = owned(member)
    before = facts(seller.ulid)
    given = {"ulid": seller.ulid, "signed": True, "agreed": True, "now": NOW}
    with pytest.raises(NotFound):
        services.answer_voucher_terms(member=stranger, version=CURRENT, **given)
    with pytest.raises(VoucherTermsChanged):
        services.answer_voucher_terms(member=member, version=CURRENT + 1, **given)
    with pytest.raises(InvalidInput):
        services.answer_voucher_terms(member=member, version=CURRENT, **(given | {"agreed": False}))
    assert signed_in(stranger.user).get(f"/seller/{seller.ulid}/vouchers").status_code == 404
    assert facts(seller.ulid) == before
    services.close_seller(ulid=seller.ulid, actor="user:clerk", reason="gone", now=NOW)
    with pytest.raises(ShopClosed):
        services.answer_voucher_terms(member=member, version=CURRENT, **given)
    assert Seller.objects.get(ulid=seller.ulid).voucher_terms_at is None
