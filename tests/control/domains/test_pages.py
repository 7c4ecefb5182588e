"""The vendor's pages of domains and the operators': what each may do, and what is refused by name with nothing changed."""

import pytest
from django.test import Client

from billing.models import Subscription
from provisioning.domains.models import FilingEvidence, OwnDomain
from saas.identity.models import AuditRecord, User
from saas.messaging.notices.models import Notice
from saas.tenants.vendors.models import HostClaim

PDF = b"%PDF-1.7 filing"


@pytest.fixture
def browser(owner):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(owner)
    return client


@pytest.fixture
def operator(db):
    user = User.objects.create_user(email="op@example.test", name="Operator", is_staff=True, is_superuser=True)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


def test_a_vendor_adds_a_domain_and_is_told_what_to_do(place, browser, look, prove, name_server):
    page = f"/account/malls/{place.mall}/domains"
    assert "No domain of your own yet" in browser.get(page).content.decode()
    answer = browser.post(page, {"host": "绿野.公司.cn"})
    domain = OwnDomain.objects.get()
    assert (domain.host, answer.url) == ("xn--ip0a489a.xn--55qx5d.cn", f"/account/domains/{domain.ulid}")
    shown = browser.get(answer.url).content.decode()
    for words in (
        "绿野.公司.cn",
        domain.host,
        f"_mall-verify.{domain.host}",
        f"mall-verify={domain.token}",
        "data-copy",
    ):
        assert words in shown
    prove(domain)
    look(domain)
    part = browser.get(answer.url, HTTP_HX_REQUEST="true").content.decode()
    assert 'data-state="pointing"' in part and "<html" not in part
    assert 'data-record="CNAME"' in part and 'data-copy="greenbasket.localhost"' in part and "8.8.4.4" in part
    name_server.put(domain.host, "CNAME", "greenbasket.localhost")
    look(domain)
    look(domain)
    browser.post(answer.url, {"what": "primary"})
    assert "Primary" in browser.get(answer.url).content.decode()
    browser.post(f"{page}/platform", {"what": "send"})
    browser.post(f"{page}/platform", {"what": "primary"})
    assert not OwnDomain.objects.filter(wanted_primary=True).exists()
    browser.post(answer.url, {"what": "check"})
    browser.post(answer.url, {"what": "remove"})
    domain.refresh_from_db()
    assert domain.state == "removing"


BAD = [
    ("", "Enter the domain"),
    ("https://shop.lvye.cn/", "without https://"),
    ("shop.lvye.cn:8443", "without https://"),
    ("*.lvye.cn", "with * cannot be used"),
    ("127.0.0.1", "address in numbers"),
    ("[::1]", "address in numbers"),
    ("0x7f.1", "address in numbers"),
    ("２130706433", "address in numbers"),
    ("com.cn", "ending under which others register"),
    ("lvye", "at least two parts"),
    ("shop.internal", "does not exist in the internet"),
    ("mall.localhost", "does not exist in the internet"),
    ("console.platform-test.cn", "belongs to the platform itself"),
    ("PLATFORM-test.CN.", "belongs to the platform itself"),
    ("xn--a.com", "not a valid international name"),
    ("exаmple-shop.com", "mixes alphabets"),
    ("аррӏе.com", "looks like another name"),
    ("xn--80ak6aa92e.com", "looks like another name"),
    ("a_b.com", "is not a domain"),
    ("a..com", "is not a domain"),
    ("-a.com", "is not a domain"),
    (f"{'x' * 64}.com", "too long"),
    (".".join(["a" * 60] * 4) + ".com", "too long"),
]


def test_what_cannot_be_a_domain_is_refused_by_name_and_changes_nothing(place, browser, settings):
    settings.PLATFORM_DOMAIN = "platform-test.cn"
    for host, words in BAD:
        answer = browser.post(f"/account/malls/{place.mall}/domains", {"host": host})
        assert (answer.status_code, words in answer.content.decode()) == (422, True), (host, words)
    assert not OwnDomain.objects.exists() and not AuditRecord.objects.filter(action="domain.requested").exists()
    assert HostClaim.objects.filter(place=place).count() == 1


def test_strangers_and_plans_without_it(place, stranger_place, ask, browser, active, now):
    domain = ask()
    other = Client(HTTP_ACCEPT_LANGUAGE="en")
    other.force_login(stranger_place.vendor.owner)
    page = f"/account/malls/{place.mall}/domains"
    assert other.get(page).status_code == other.post(page, {"host": "a.lvye.cn"}).status_code == 404
    for path in (f"/account/domains/{domain.ulid}", f"{page}/platform"):
        assert other.post(path, {"what": "remove"}).status_code == 404
    assert other.get("/console/domains/", follow=True).status_code == 403
    assert Client().get(page).url.startswith("/auth/")
    assert OwnDomain.objects.get().state == "requested"

    subscription = Subscription.objects.get(mall=place.mall)
    subscription.entitlements = {**subscription.entitlements, "own_domain": False}
    subscription.save()
    answer = browser.post(page, {"host": "b.lvye.cn"})
    assert (answer.status_code, "not part of your plan" in answer.content.decode()) == (403, True)
    assert f"/account/malls/{place.mall}/subscription" in answer.content.decode()
    assert OwnDomain.objects.count() == 1


def test_a_filing_number_is_handed_in_refused_and_accepted(place, ask, look, prove, settings, browser, operator):
    settings.DOMAIN_FILING = "always"
    domain = ask()
    prove(domain)
    assert look(domain).state == "filing"
    page, console = f"/account/domains/{domain.ulid}", f"/console/domains/{domain.ulid}/"
    assert browser.post(page, {"what": "filing", "number": "12345"}).status_code == 422
    from django.core.files.uploadedfile import SimpleUploadedFile

    def number(content):
        return {"what": "filing", "number": "浙icp备 2021000000号-1", "evidence": SimpleUploadedFile("a.pdf", content)}

    assert browser.post(page, number(b"<html>")).status_code == 422
    assert browser.post(page, number(PDF + b"x" * 2 * 1024 * 1024)).status_code == 422
    assert OwnDomain.objects.get().state == "filing" and not FilingEvidence.objects.exists()
    assert browser.post(page, number(PDF)).status_code == 302
    assert OwnDomain.objects.get().filing_number == "浙ICP备2021000000号-1"
    assert OwnDomain.objects.get().state == "review"
    file = operator.get(f"{console}evidence")
    assert (file.content, file["Content-Disposition"].startswith("attachment")) == (PDF, True)

    operator.post(f"{console}decide", {"what": "refuse", "note": ""})
    assert OwnDomain.objects.get().state == "review"  # a refusal needs its reason
    operator.post(f"{console}decide", {"what": "refuse", "note": "Another company's number"})
    assert OwnDomain.objects.get().state == "filing"
    assert "Another company" in browser.get(page).content.decode()
    assert Notice.objects.filter(kind="domain_filing_refused").count() == 1
    browser.post(page, {"what": "filing", "number": "浙ICP备2021000000号-2"})
    operator.post(f"{console}decide", {"what": "accept", "note": ""})
    assert OwnDomain.objects.get().state == "pointing"
    operator.post(f"{console}decide", {"what": "accept"})  # sent twice
    assert OwnDomain.objects.get().state == "pointing"


def test_operators_list_block_and_let_go(place, active, look, operator, browser):
    assert "No domain." in operator.get("/console/domains/").content.decode()
    domain = active()
    for address in ("/console/domains/", "/console/domains/?state=active&q=LVYE", "/console/domains/?q=Hangzhou"):
        assert domain.host in operator.get(address).content.decode()
    assert domain.host not in operator.get("/console/domains/?state=broken").content.decode()
    console = f"/console/domains/{domain.ulid}/"
    operator.post(f"{console}decide", {"what": "block", "note": ""})
    assert OwnDomain.objects.get().state == "active"
    operator.post(f"{console}decide", {"what": "block", "note": "Phishing"})
    assert OwnDomain.objects.get().state == "blocked"
    assert HostClaim.objects.filter(host=domain.host).exists()
    assert "Phishing" in browser.get(f"/account/domains/{domain.ulid}").content.decode()
    assert "Phishing" in operator.get(console).content.decode()
    operator.post(f"{console}decide", {"what": "unblock", "note": "Settled"})
    look(domain)
    assert look(domain).state == "active"
    operator.post(f"{console}decide", {"what": "remove", "note": "On demand of a court"})
    assert look(domain).state == "removed"
    record = AuditRecord.objects.get(action="domain.removed")
    assert record.reason == "On demand of a court"
