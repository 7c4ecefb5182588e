"""The legal guard-rails (MODES 14), each rule by its number. Rules whose subject is not built yet have no test and say so."""

import dataclasses

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from saas.identity import audit
from saas.kernel.claims import forbidden_claims
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.runtime.paths import PROJECT
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Product
from tenant_apps.design import selectors as brand
from tenant_apps.design import services as design
from tenant_apps.members import services as members
from tenant_apps.modes import legal_table, line_awards, rules
from tenant_apps.modes import services as modes
from tenant_apps.modes.contract import (
    HARD_MAX_LEVELS,
    AreaFacts,
    BaseMode,
    BuyerFacts,
    Caution,
    Channel,
    Grade,
    HolderFacts,
    LineFacts,
    LineKind,
    PayeeKind,
    SaleFacts,
    UplineFacts,
)
from tenant_apps.modes.differential.settings import DifferentialSettings
from tenant_apps.modes.distribution.settings import DistributionSettings, WhoPromotes
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import MODES, SETTINGS
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tests.factories.browser import MallClient
from tests.factories.catalog import apple
from tests.factories.people import make_member
from tests.factories.sales import NOW, publish

EVERYBODY = SaleFacts(
    buyer=BuyerFacts(
        member="buyer",
        promoter=True,
        store="store",
        chain=tuple(UplineFacts(name, rank=3) for name in ("first", "second", "third")),
    ),
    areas=tuple(AreaFacts(grade=grade, code="area", holders=(HolderFacts("agent", 1),)) for grade in Grade),
    pickup_store="pickup",
    pickup_line="line",
)
DEEP = tuple(UplineFacts(f"M{number}", rank=3) for number in range(1, 9))


@pytest.mark.parametrize("rule", [one for one in legal_table.RULES if one.is_built], ids=lambda one: str(one.number))
def test_every_rule_that_is_built_names_its_test(rule):
    file, _colons, name = rule.test.partition("::")
    assert f"def {name}(" in (PROJECT / file).read_text()


def test_the_table_has_every_rule_of_the_paper_once():
    assert [one.number for one in legal_table.RULES] == list(range(1, 22))
    assert {one.number for one in legal_table.RULES if not one.is_built} == {12, 14, 18}


def test_rule_1_at_most_three_levels_two_on_wechat(grocery):
    for values in ({"rate_ppm": [1, 1, 1, 1]}, {"fixed_fen": [1, 1, 1, 1]}):
        with pytest.raises(modes.SettingsInvalid):
            publish(**values)
    with pytest.raises(modes.SettingsRefused):
        publish(rate_ppm=[1, 1, 1])
    for mode in ("differential", "gift_pack", "link21"):
        with pytest.raises(modes.SettingsInvalid):
            publish(mode, max_depth=4)
    assert not SettingsVersion.objects.exists()
    smuggled = DistributionSettings.model_construct(
        **{**dict(DistributionSettings()), "rate_ppm": (10_000,) * 8, "overrides": ()}
    )
    line = LineFacts(line="1", level_amount=10_000)
    sale = dataclasses.replace(EVERYBODY, buyer=BuyerFacts(member="B", chain=DEEP))
    paid = {award.payee for award in MODES["distribution"].award(smuggled, line, sale)}
    assert len(paid) <= HARD_MAX_LEVELS
    deep = DifferentialSettings.model_construct(**{**dict(DifferentialSettings()), "max_depth": 8})
    assert {award.payee for award in MODES["differential"].award(deep, line, sale)} <= {"M1", "M2", "M3"}


def test_rule_2_nothing_is_computed_from_heads():
    assert {base.value for base in BaseMode} == {"paid", "gross", "profit", "concession"}
    words = ("head", "invite_count", "registration", "recruit", "signup", "people")
    names = {f"{mode}.{name}" for mode, model in SETTINGS.items() for name in model.model_fields}
    assert [name for name in names if any(word in name for word in words)] == []
    facts = {field.name for kind in (LineFacts, BuyerFacts, UplineFacts) for field in dataclasses.fields(kind)}
    assert not facts & {"team", "team_size", "directs", "people", "referees"}


@pytest.mark.parametrize("kind", [LineKind.MEMBERSHIP, LineKind.DEPOSIT, LineKind.JOIN_FEE])
def test_rule_3_no_person_is_paid_out_of_a_fee(kind):
    line = LineFacts(line="1", level_amount=9_900, kind=kind, zone="membership")
    on = {
        key: mode.settings(**({"enabled": True} if "enabled" in mode.settings.model_fields else {}))
        for key, mode in MODES.items()
        if key != "link21"
    }
    awards = line_awards.awards_of_line(on, line, dataclasses.replace(EVERYBODY, pickup_line="1"))
    assert [one for one in awards if one.payee_kind is PayeeKind.MEMBER] == []


def test_rule_4_a_promoter_need_not_buy(grocery):
    member = make_member()
    assert members.apply_to_promote(member=member, approve_at_once=True, now=NOW) == "approved"
    by_purchase = [one for one in WhoPromotes if one.value not in ("registered", "approved", "designated")]
    for who in by_purchase:
        found = MODES["distribution"].validate(DistributionSettings(who_promotes=who), Channel())
        assert any(isinstance(one, Caution) and one.field == "who_promotes" for one in found)


def test_rule_5_team_pay_is_a_caution_with_the_law(grocery):
    for mode in ("distribution", "differential", "gift_pack"):
        found = MODES[mode].validate(MODES[mode].settings(), Channel())
        caution = next(one for one in found if one.code == "team_pay")
        assert isinstance(caution, Caution) and "Article 7" in caution.message
    with pytest.raises(modes.CautionsUnread):
        modes.publish_settings(actor="user:x", mode="distribution", values={}, reason="r", now=NOW)
    assert not SettingsVersion.objects.exists()


def test_rule_7_awards_never_exceed_the_funds():
    line = LineFacts(line="1", level_amount=10_000, supply_cost=9_000)
    terms = SettlementSettings().pot_terms()
    settings = {"distribution": DistributionSettings(rate_ppm=(300_000, 200_000))}
    full = line_awards.awards_of_line(settings, line, EVERYBODY)
    kept = rules.cap_total(full, rules.pot(rules.margin(line, terms), terms))
    assert rules.total(full) > 1_000 == rules.total(kept)


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("消费100返5倍收益", ["5倍", "5倍收益"]),
        ("全场免单", ["免单"]),
        ("0抽佣,只涨不跌", ["0抽佣", "只涨不跌"]),
        ("跟着我稳赚不赔", ["稳赚不赔"]),
        ("稳\u200b赚", ["稳赚"]),
        ("<b>躺</b>赚", ["躺  赚"]),
        ("保证收益", ["保证收益"]),
        ("月入过10万", ["月入过10万"]),
        ("最高补贴,非承诺收益,以补贴池实际资金为准", []),
        ("本商城不承诺收益,也不保本", []),
        ("Guaranteed returns of 5 times your money", ["Guaranteed returns", "5 times your money"]),
        ("Returns within seven days", []),
    ],
)
def test_rule_9_the_list_of_claims(text, claims):
    assert [one.replace("  ", " ") for one in forbidden_claims(text)] == [one.replace("  ", " ") for one in claims]


def test_rule_9_goods_may_be_concentrated_ten_times(grocery):
    assert forbidden_claims("浓缩10倍精华,10倍变焦", of_goods=True) == []
    assert forbidden_claims("浓缩10倍") == ["10倍"]


def test_rule_9_forbidden_claims_are_not_stored(grocery):
    design.ensure_branding(name="青篮子", now=NOW)
    for field, text in (("tagline", "买一单赚5倍"), ("notice", "今日免单"), ("terms", "## 一\n\n本商城保证收益")):
        with pytest.raises(design.ForbiddenClaim) as refused:
            design.update_branding(actor="user:x", now=NOW, values={field: text})
        assert refused.value.field == field
    assert brand.draft_branding() is None or brand.draft_branding().tagline == ""
    for field, text in (("title", "苹果 买了稳赚"), ("subtitle", "5倍返还"), ("description_html", "<p>全额返还</p>")):
        with pytest.raises(catalog.ForbiddenClaim) as refused_goods:
            catalog.create_product(draft=apple(**{field: text}), actor="user:x", now=NOW)
        assert refused_goods.value.field == field
    assert not Product.objects.exists()


def test_rule_15_the_window_is_seven_days_at_least(grocery):
    with pytest.raises(modes.SettingsInvalid) as refused:
        publish("settlement", aftersales_days=6)
    assert refused.value.field == "aftersales_days"
    assert not SettingsVersion.objects.exists()


def test_rule_19_versions_and_the_book_are_never_changed(grocery):
    publish()
    member = make_member()
    ledger.post_entry(
        key="k", kind="test", moves=[Move("bank", f"member.wallet.{member.ulid}", 5)], document="d", occurred_at=NOW
    )
    audit.record("system", "test")
    for table in ("modes_settingsversion", "ledger_entry", "ledger_posting", "identity_auditrecord"):
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change)


def test_the_vendors_page_has_the_table_as_it_is():
    page = (PROJECT / "docs/vendors/legal.md").read_text()
    for rule in legal_table.RULES:
        assert f"| {rule.number} | {rule.title} | {rule.how}" in page


@pytest.mark.parametrize("address", ["/team", "/poster", "/wallet"])
def test_rule_9_every_page_about_earning_says_that_nothing_is_promised(grocery, address):
    client = MallClient("grocery.localhost")
    client.force_login(make_member().user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.get(address, HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert page.status_code == 200
    assert "非承诺收益" in page.text
