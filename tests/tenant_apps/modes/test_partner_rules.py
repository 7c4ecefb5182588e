"""Partner membership on paper (MODES 9a): prices, the store's part, what giving back is worth. No database."""

import datetime as dt

import pytest
from pydantic import ValidationError

from tenant_apps.modes.contract import (
    BuyerFacts,
    Channel,
    LineFacts,
    LineKind,
    OfferFacts,
    PayeeKind,
    SaleFacts,
    SellerFacts,
    UplineFacts,
)
from tenant_apps.modes.partner_membership import rules
from tenant_apps.modes.partner_membership.mode import PartnerMembership
from tenant_apps.modes.partner_membership.settings import PartnerMembershipSettings

MODE, DEFAULTS = PartnerMembership(), PartnerMembershipSettings()
PARTNER, ORDINARY = BuyerFacts(member="A", level="partner"), BuyerFacts(member="A")
START = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
FEE = LineFacts(line="L", level_amount=9_900, list_amount=9_900, kind=LineKind.MEMBERSHIP)
TERM = rules.Term(9_900, 365, START, START, START + dt.timedelta(days=365), 7)


def offer(price: int = 3_990, **more: object) -> OfferFacts:
    return OfferFacts(**{"sku": "S", "product": "P", "list_price": price, **more})  # type: ignore[arg-type]


def buyer(level: str = "ordinary", store: str = "STORE") -> SaleFacts:
    chain = (UplineFacts("B", rank=3), UplineFacts("C", rank=3))
    return SaleFacts(buyer=BuyerFacts(member="A", level=level, store=store, chain=chain))


@pytest.mark.parametrize(
    ("price", "ppm", "pays"), [(3_990, 950_000, 3_790), (99, 500_000, 49), (10_000, 500_000, 5_000), (1, 500_000, 1)]
)
def test_a_partner_pays_the_floor_of_the_list_price(price, ppm, pays):
    settings = PartnerMembershipSettings(price_ppm=ppm)
    assert MODE.quote(settings, offer(price), PARTNER).unit_price == pays
    assert MODE.quote(settings, offer(price), ORDINARY).unit_price == price


def test_the_narrowest_price_wins_and_a_hundred_percent_means_none():
    overrides = [
        {"scope": scope, "key": key, "rate_ppm": [ppm]}
        for scope, key, ppm in (
            ("category", "fruit", 900_000),
            ("category", "food", 600_000),
            ("seller", "SELLER", 800_000),
            ("product", "P", 700_000),
            ("sku", "S", 1_000_000),
        )
    ]
    settings = PartnerMembershipSettings(overrides=overrides)
    found = {
        name: rules.unit_price(settings, offer(1_000, **facts), PARTNER)
        for name, facts in {
            "sku": {},
            "product": {"sku": "S2"},
            "seller": {"sku": "S2", "product": "P2", "seller": SellerFacts(id="SELLER"), "categories": ("fruit",)},
            "category": {"sku": "S2", "product": "P2", "categories": ("fruit", "food")},
            "parent": {"sku": "S2", "product": "P2", "categories": ("x", "food")},
            "mall": {"sku": "S2", "product": "P2"},
        }.items()
    }
    assert found == {"sku": 1_000, "product": 700, "seller": 800, "category": 900, "parent": 600, "mall": 950}


def test_packs_and_fees_have_no_member_price():
    assert MODE.quote(DEFAULTS, offer(1_000, zone="gift_pack"), PARTNER).unit_price == 1_000
    assert MODE.quote(DEFAULTS, offer(1_000, kind=LineKind.DEPOSIT), PARTNER).unit_price == 1_000
    assert MODE.quote(DEFAULTS, offer(1, kind=LineKind.MEMBERSHIP), PARTNER).unit_price == 9_900
    off = PartnerMembershipSettings(enabled=False)
    assert MODE.quote(off, offer(1_000), PARTNER).unit_price == 1_000


def test_half_of_the_fee_goes_to_the_store_and_none_to_a_person():
    (award,) = MODE.award(DEFAULTS, FEE, buyer())
    assert (award.payee, award.payee_kind, award.amount, award.kind) == ("STORE", PayeeKind.STORE, 4_950, "enrolment")
    assert MODE.award(DEFAULTS, FEE, buyer(store="")) == ()


def test_a_renewal_has_its_own_rate():
    settings = PartnerMembershipSettings(store_share_ppm=500_000, renewal_ppm=250_000)
    (award,) = MODE.award(settings, FEE, buyer("partner"))
    assert (award.kind, award.amount) == ("renewal", 2_475)
    assert MODE.award(PartnerMembershipSettings(renewal_ppm=0), FEE, buyer("partner")) == ()


def test_it_takes_the_fee_alone():
    assert MODE.takes(DEFAULTS, FEE)
    assert not MODE.takes(DEFAULTS, LineFacts(line="L", level_amount=9_900))
    assert not MODE.takes(PartnerMembershipSettings(enabled=False), FEE)


@pytest.mark.parametrize(
    ("days", "used", "back"),
    [(3, False, 9_900), (6, False, 9_900), (7, False, 9_711), (3, True, 9_819), (100, True, 7_188), (365, False, 0)],
)
def test_what_giving_back_is_worth(days, used, back):
    assert rules.refundable(TERM, used=used, now=START + dt.timedelta(days=days)) == back


def test_a_renewal_that_has_not_begun_is_whole():
    later = rules.Term(9_900, 365, START, START + dt.timedelta(days=200), START + dt.timedelta(days=565), 7)
    assert rules.refundable(later, used=True, now=START + dt.timedelta(days=100)) == 9_900
    assert rules.refundable(later, used=True, now=START + dt.timedelta(days=201, seconds=1)) == 9_846  # 363 days


@pytest.mark.parametrize(
    "values",
    [
        {"price_ppm": 499_999},
        {"price_ppm": 950_001},
        {"store_share_ppm": 500_001},
        {"cooling_off_days": 6},
        {"fee_fen": 99},
        {"overrides": [{"scope": "sku", "key": "S", "rate_ppm": [499_999]}]},
        {"overrides": [{"scope": "sku", "key": "S", "rate_ppm": [600_000, 700_000]}]},
        {"person_ppm": 100_000},
    ],
)
def test_what_the_mode_does_not_allow(values):
    with pytest.raises(ValidationError):
        PartnerMembershipSettings.model_validate(values)


def test_a_part_for_the_store_is_read_before_it_is_published():
    assert [one.code for one in MODE.validate(DEFAULTS, Channel())] == ["fee_share"]
    assert MODE.validate(PartnerMembershipSettings(store_share_ppm=0, renewal_ppm=0), Channel()) == []
