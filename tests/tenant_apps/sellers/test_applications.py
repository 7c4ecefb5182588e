"""A merchant's application from the first word to the open shop, over the pages: papers, answer, contract, deposit."""

import dataclasses
import datetime as dt

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from saas.identity.models import AuditRecord
from saas.identity.phones import shown_phone
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.ledger import selectors as book
from saas.messaging.notices.models import Notice
from tenant_apps.care import selectors as care
from tenant_apps.catalog import services as catalog_services
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import ProductDraft, SkuDraft
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import WantedLine
from tenant_apps.sellers import applications, applying, selectors, services, tasks
from tenant_apps.sellers.applying import ApplicationState
from tenant_apps.sellers.models import Application, EdiLicence, Seller
from tenant_apps.sellers.rules import SettlementKind, deposit_of
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tests.factories import catalog
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.orders.test_memberships import pay, place

NOW = clock.now()
DAY = dt.timedelta(days=1)
ANNA = "user:ANNA"
TYPED = {
    "name": "西湖茶行",
    "kind": "merchant",
    "form": "company",
    "licence_name": "杭州西湖茶行有限公司",
    "licence_number": "91330100MA27XYZ123",
    "contact_name": "王掌柜",
    "contact_phone": "13800001234",
    "payee_name": "杭州西湖茶行有限公司",
    "payee_bank": "中国工商银行杭州分行",
    "payee_account": "6222020200112233445",
    "categories": ["tea", "cups"],
}


def draft(**changes):
    values = {**TYPED, "categories": tuple(TYPED["categories"]), **changes}
    values["kind"] = applying.rules.SellerKind(values["kind"])
    values["form"] = applying.Form(values["form"])
    return applying.ApplicationDraft(**values)


@pytest.fixture
def mall(grocery, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    for slug, name in (("tea", "茶叶"), ("cups", "茶具"), ("drugs", "药品")):
        catalog_services.create_category(slug=slug, name=name, actor=ANNA)
    services.file_edi_licence(number="EDI-440100", valid_until=None, actor=ANNA, now=NOW)
    return grocery


@pytest.fixture
def applicant(mall):
    return make_member(name="王掌柜")


def browse(user):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def written(member):
    row = services.begin_application(member=member, now=NOW)
    services.write_application(ulid=row.ulid, draft=draft(), member=member, now=NOW)
    services.add_paper(
        ulid=row.ulid, content=catalog.picture(), content_type="image/jpeg", kind="licence", member=member, now=NOW
    )
    return row


def approved(member, deposit=500_000):
    row = written(member)
    services.submit_application(ulid=row.ulid, member=member, now=NOW)
    return services.approve_application(
        ulid=row.ulid,
        settlement=SettlementKind.COMMISSION,
        rate_ppm=None,
        deposit_amount=deposit,
        categories=["tea"],
        actor=ANNA,
        now=NOW,
    )


def accepted(member, deposit=500_000):
    row = approved(member, deposit)
    return services.accept_contract(ulid=row.ulid, member=member, version=1, agreed=True, now=NOW)


def state(row):
    return Application.objects.get(pk=row.pk).state


def test_from_the_first_word_to_the_open_shop_over_the_pages(applicant, drain):
    shop, staff = browse(applicant.user), browse(make_staff(Role.FINANCE))
    assert "Begin" in shop.get("/seller/apply").content.decode()
    shop.post("/seller/apply", {"step": "begin"})
    shop.post("/seller/apply", {"step": "begin"})
    row = Application.objects.get()
    refused = shop.post("/seller/apply", {**TYPED, "step": "submit"})
    assert refused.status_code == 422 and "Add a picture or PDF of the business licence." in refused.content.decode()
    assert state(row) == "draft" and Application.objects.get().licence_number == "91330100MA27XYZ123"  # and it is kept
    pdf = SimpleUploadedFile("证.pdf", b"%PDF-1.7\n1 0 obj\n%%EOF\n", content_type="application/pdf")
    picture = SimpleUploadedFile("照.jpg", catalog.picture(), content_type="image/jpeg")
    shop.post("/seller/apply", {**TYPED, "step": "paper", "paper_kind": "licence", "paper": picture})
    shop.post(
        "/seller/apply",
        {
            **TYPED,
            "step": "paper",
            "paper_kind": "category",
            "paper_category": "tea",
            "paper_until": "2099-01-31",
            "paper": pdf,
        },
    )
    first, second = Application.objects.get().papers
    assert (first["kind"], second["category"], second["until"]) == ("licence", "tea", "2099-01-31")
    own = shop.get(f"/seller/apply/papers/{second['file']}")
    assert (own.status_code, own["Content-Type"]) == (200, "application/pdf")
    assert own["Content-Disposition"].startswith("attachment")
    assert browse(make_member().user).get(f"/seller/apply/papers/{second['file']}").status_code == 404
    shop.post("/seller/apply", {**TYPED, "step": "submit"})
    assert state(row) == "submitted"
    sent = Application.objects.get()
    assert TYPED["payee_account"] not in sent.payee_account and applications.account_of(sent) == TYPED["payee_account"]

    listing = staff.get("/backoffice/applications/").content.decode()
    page = staff.get(f"/backoffice/applications/{row.ulid}").content.decode()
    assert "西湖茶行" in listing and TYPED["payee_account"] in page and shown_phone("+8613800001234") in page
    assert staff.get(f"/backoffice/applications/{row.ulid}/papers/{first['file']}")["Content-Type"] == "image/jpeg"
    assert staff.get(f"/backoffice/applications/{row.ulid}/papers/nothing.pdf").status_code == 404
    staff.post(f"/backoffice/applications/{row.ulid}/step", {"step": "return", "reason": "执照照片看不清"})
    assert "执照照片看不清" in shop.get("/seller/apply").content.decode()
    shop.post("/seller/apply", {**TYPED, "step": "submit"})
    answer = {"step": "approve", "settlement": "commission", "rate": "", "deposit": "5000", "categories": ["tea"]}
    staff.post(f"/backoffice/applications/{row.ulid}/step", answer)
    made = Seller.objects.get()
    assert (made.state, made.rate_ppm, made.categories, made.owner_id) == ("paused", 50_000, ["tea"], applicant.pk)
    assert made.papers == sent.papers

    contract = shop.get("/seller/apply").content.decode()
    assert "Deposit: ¥5,000.00" in contract and "Contract, version 1" in contract
    shop.post("/seller/apply", {"step": "accept", "version": "1", "agreed": "1"})
    paying = shop.get("/seller/apply").content.decode()
    assert "Pay the deposit" in paying and Seller.objects.get().state == "paused"
    what = selectors.asked_of(made.ulid)[0]
    order = pay(place(applicant, WantedLine(what.sku, 1), address=None))
    settlement.award_order(order=facts.paid_order(order.ulid), now=NOW)
    orders.complete_order(order_ulid=order.ulid, actor="system", now=clock.now())
    drain()
    assert Seller.objects.get().state == "active" and state(row) == "active"
    assert book.balance(deposit_of(made.ulid)) == 500_000
    assert "“西湖茶行” is open." in shop.get("/seller/apply").content.decode()
    assert [one.action for one in AuditRecord.objects.filter(target=f"application:{row.ulid}").order_by("pk")] == [
        f"application.{word}"
        for word in ("created", "submitted", "returned", "submitted", "approved", "accepted", "active")
    ]


def test_an_unpaid_deposit_is_asked_again_after_its_time(applicant):
    row = accepted(applicant)
    seller = Seller.objects.get()
    order = place(applicant, WantedLine(selectors.asked_of(seller.ulid)[0].sku, 1), address=None)
    assert selectors.asked_of(seller.ulid) == []
    orders.cancel_order(order_ulid=order.ulid, reason="timeout", actor="system", now=NOW)
    assert [one.amount for one in selectors.asked_of(seller.ulid)] == [500_000]
    assert tasks.admit_sellers(now=NOW) == 0
    assert (state(row), Seller.objects.get().state) == ("accepted", "paused")


def test_the_round_opens_what_the_event_found_too_early(applicant):
    """The completed order may be told before the book shows the deposit, and the process may die in between."""
    row = accepted(applicant)
    order = pay(place(applicant, WantedLine(selectors.asked_of(Seller.objects.get().ulid)[0].sku, 1), address=None))
    settlement.award_order(order=facts.paid_order(order.ulid), now=NOW)
    assert tasks.admit_sellers(now=NOW) == 0
    Order.objects.filter(pk=order.pk).update(state="completed", completed_at=NOW)
    settlement.release_order(order=facts.paid_order(order.ulid), now=NOW)
    assert [tasks.admit_sellers(now=NOW), tasks.admit_sellers(now=NOW), state(row)] == [1, 0, "active"]


def test_a_live_mall_without_its_edi_licence_keeps_the_shop_waiting(applicant, mall):
    EdiLicence.objects.all().delete()
    row = accepted(applicant, deposit=0)
    assert (state(row), Seller.objects.get().state) == ("accepted", "paused")
    services.file_edi_licence(number="EDI-440100", valid_until=None, actor=ANNA, now=NOW)
    assert tasks.admit_sellers(now=NOW) == 1
    assert (state(row), Seller.objects.get().state) == ("active", "active")


def test_what_was_accepted_stays_on_record(applicant):
    row = accepted(applicant, deposit=0)
    row.refresh_from_db()
    assert (row.contract_version, row.contract_at, row.state) == (1, NOW, "active")
    assert row.contract_terms["rate_ppm"] == 50_000 and row.contract_terms["categories"] == ["tea"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("licence_number", {"licence_number": "lower-case"}),
        ("payee_account", {"payee_account": "12ab"}),
        ("contact_phone", {"contact_phone": "12"}),
        ("categories", {"categories": ("nothing",)}),
        ("area_code", {"area_code": "990000"}),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(applicant, field, change):
    row = services.begin_application(member=applicant, now=NOW)
    with pytest.raises(InvalidInput) as refused:
        services.write_application(ulid=row.ulid, draft=draft(**change), member=applicant, now=NOW)
    assert refused.value.field == field and Application.objects.get().name == ""


def test_papers_and_steps_that_cannot_be(applicant):
    row = written(applicant)
    stranger = make_member()
    with pytest.raises(NotFound):
        services.submit_application(ulid=row.ulid, member=stranger, now=NOW)
    for content, kind, extra in (
        (b"<html>", "application/pdf", {}),
        (b"%PDF-1.7 cut", "application/pdf", {}),
        (catalog.picture(), "image/jpeg", {"until": (NOW - 2 * DAY).date()}),
        (catalog.picture(), "image/jpeg", {"kind": "category"}),
        (catalog.picture(), "image/jpeg", {"kind": "passport"}),
        (b"x" * (10 * 1024 * 1024 + 1), "application/pdf", {}),
    ):
        with pytest.raises(InvalidInput):
            values = {"kind": "licence", **extra}
            services.add_paper(ulid=row.ulid, content=content, content_type=kind, member=applicant, now=NOW, **values)
    assert len(Application.objects.get().papers) == 1
    services.submit_application(ulid=row.ulid, member=applicant, now=NOW)
    with pytest.raises(services.ApplicationSent):
        services.write_application(ulid=row.ulid, draft=draft(name="别的"), member=applicant, now=NOW)
    approve = {"ulid": row.ulid, "settlement": SettlementKind.COMMISSION, "rate_ppm": None, "actor": ANNA, "now": NOW}
    for change in ({"categories": ["drugs"]}, {"categories": []}, {"deposit_amount": -1}, {"rate_ppm": 300_001}):
        with pytest.raises(InvalidInput):
            services.approve_application(**{**approve, "deposit_amount": 0, "categories": ["tea"], **change})
    assert not Seller.objects.exists() and state(row) == "submitted"
    services.refuse_application(ulid=row.ulid, reason="不在招商范围", actor=ANNA, now=NOW)
    with pytest.raises(IllegalTransition):
        services.approve_application(**approve, deposit_amount=0, categories=["tea"])
    again = services.begin_application(member=applicant, now=NOW)
    assert again.pk != row.pk and Application.objects.count() == 2


def test_the_contract_is_accepted_knowingly_and_only_by_its_applicant(applicant):
    row = approved(applicant)
    with pytest.raises(InvalidInput):
        services.accept_contract(ulid=row.ulid, member=applicant, version=1, agreed=False, now=NOW)
    with pytest.raises(services.ContractChanged):
        services.accept_contract(ulid=row.ulid, member=applicant, version=0, agreed=True, now=NOW)
    with pytest.raises(NotFound):
        services.accept_contract(ulid=row.ulid, member=make_member(), version=1, agreed=True, now=NOW)
    assert state(row) == "approved" and not Product.objects.exists()


def test_a_seller_sells_in_his_categories_alone(applicant):
    accepted(applicant, deposit=0)
    seller = Seller.objects.get()

    def goods(category):
        return ProductDraft(
            title="龙井", skus=(SkuDraft((), 9_900, stock=5),), seller_ulid=seller.ulid, category_slug=category
        )

    for slug in ("cups", None):
        with pytest.raises(InvalidInput) as refused:
            services.create_product(draft=goods(slug), actor=ANNA, now=NOW)
        assert refused.value.field == "category"
    assert not Product.objects.exists()
    catalog_services.create_category(slug="green-tea", name="绿茶", parent_slug="tea", actor=ANNA)
    assert services.create_product(draft=goods("green-tea"), actor=ANNA, now=NOW).category.slug == "green-tea"
    services.limit_categories(seller_ulid=seller.ulid, categories=["cups", "tea"], actor=ANNA, now=NOW)
    assert services.create_product(draft=goods("cups"), actor=ANNA, now=NOW).category.slug == "cups"


def test_states_without_a_way_out_end_an_application():
    assert {one for one, onward in applying.APPLICATION_TRANSITIONS.items() if not onward} == applying.ENDED
    assert set(applying.CONTRACT_TEXTS) == set(range(1, applying.CONTRACT + 1))
    whole = dataclasses.replace(draft(), kind=applying.rules.SellerKind.STORE)
    today = NOW.date()
    papers = [{"kind": "licence", "category": "", "until": ""}]
    assert applying.missing(whole, papers, today=today) == "area_code"
    assert applying.missing(draft(), [], today=today) == "papers"
    assert (
        applying.missing(draft(), [*papers, {"kind": "other", "category": "", "until": "2020-01-01"}], today=today)
        == "paper_expired"
    )
    assert applying.missing(draft(payee_account=""), papers, today=today) == "payee_account"
    assert applying.missing(draft(), papers, today=today) is None
    with translation.override("zh-hans"):
        assert all(str(translation.gettext(text)) != text for text in applying.CONTRACT_TEXTS[1])
    assert ApplicationState.DRAFT in applying.EDITABLE


def test_the_applicant_is_told_of_each_answer_in_the_mall_and_by_text(applicant):
    me, told = browse(applicant.user), Notice.objects.filter(kind="application_answered")
    row = written(applicant)
    services.submit_application(ulid=row.ulid, member=applicant, now=NOW)
    assert care.unread_notices(applicant) == 0 and not told.exists()
    assert "No notices yet" in me.get("/notices").content.decode()

    with pytest.raises(InvalidInput):
        services.return_application(ulid=row.ulid, reason=" ", actor=ANNA, now=NOW)
    assert not told.exists()
    with translation.override("en"):
        services.return_application(ulid=row.ulid, reason="执照照片看不清", actor=ANNA, now=NOW)
    (text,) = told
    assert text.to_phone == applicant.user.phone and text.parameters == {"shop": "西湖茶行"}
    assert text.body == (
        "The mall has answered your application for the shop “西湖茶行”. Look at it under Mine, Open a shop."
    )
    page = me.get("/notices").content.decode()
    assert "The mall gave the application back: 执照照片看不清" in page and 'href="/seller/apply"' in page
    assert care.unread_notices(applicant) == 1 and care.unread_notices(make_member()) == 0
    me.post("/notices/read")
    assert care.unread_notices(applicant) == 0
    services.submit_application(ulid=row.ulid, member=applicant, now=NOW + DAY)
    assert "gave the application back" not in me.get("/notices").content.decode()

    services.refuse_application(ulid=row.ulid, reason="不在招商范围", actor=ANNA, now=NOW + DAY)
    assert told.all().count() == 2 and care.unread_notices(applicant) == 1
    assert "did not accept the application: 不在招商范围" in me.get("/notices").content.decode()


def test_a_shop_that_has_opened_is_a_notice_too(applicant):
    accepted(applicant, deposit=0)
    assert "Your shop is open." in browse(applicant.user).get("/notices").content.decode()
    assert Notice.objects.filter(kind="application_answered").count() == 1
