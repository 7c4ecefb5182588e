"""Names, addresses, filing numbers, the table of states: by hand, without a database."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.domains.rules import filing, names, pointing, states
from provisioning.domains.rules.pointing import Pointing
from provisioning.domains.rules.states import DomainState
from provisioning.facts import Answer
from saas.kernel import hosts, papers
from tests.cases import cases

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("Shop.LVYE.com", "shop.lvye.com"),
        ("shop.lvye.com.", "shop.lvye.com"),
        ("shop.lvye.com:8443", "shop.lvye.com"),
        ("绿野.中国", "xn--ip0a489a.xn--fiqs8s"),
        ("绿野。中国", "xn--ip0a489a.xn--fiqs8s"),
        ("XN--IP0A489A.xn--fiqs8s", "xn--ip0a489a.xn--fiqs8s"),
        ("faß.de", "xn--fa-hia.de"),
        ("lvye.com..", None),
        ("a:b:c", None),
        ("[::1]:80", None),
        ("", None),
        ("a b", None),
        ("x" * 64, None),
    ],
)
def test_one_form_for_every_way_of_writing(raw, host):
    assert hosts.normalise(raw) == host


_SIGNS = "aAzZ09-._*:/@ xn绿野。．商éßıſаеοΩ١\u0301\u200d🛒%[]"


@settings(max_examples=cases(60))
@given(st.text(alphabet=_SIGNS, max_size=30))
def test_whatever_is_typed_is_a_host_in_its_one_form_or_refused(text):
    verdict = names.judge_name(text, ours={"platform.cn"})
    assert bool(verdict.host) != bool(verdict.fault)
    if verdict.host:
        assert hosts.normalise(verdict.host) == verdict.host
        assert names.judge_name(verdict.host.upper() + ".", ours={"platform.cn"}) == verdict
        assert "." in verdict.host and len(names.proof_name(verdict.host)) <= 253


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *[(one, False) for one in ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254")],
        *[(one, False) for one in ("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1")],
        *[(one, False) for one in ("fd00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "ff02::1", "words")],
        *[(one, True) for one in ("8.8.4.4", "2001:4860:4860::8888", "::ffff:8.8.4.4")],
    ],
)
def test_only_addresses_of_the_internet_count(address, public):
    assert pointing.is_public(address) is public


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(addresses=("8.8.4.4",)), Pointing.HERE),
        (Answer(addresses=("8.8.4.4", "9.9.9.9")), Pointing.ELSEWHERE),
        (Answer(addresses=("9.9.9.9",), aliases=("shop.ours.cn",)), Pointing.HERE),
        (Answer(addresses=("10.0.0.1",), aliases=("shop.ours.cn",)), Pointing.PRIVATE),
        (Answer(addresses=("9.9.9.9",), aliases=("shop.ours.cn.evil.com",)), Pointing.ELSEWHERE),
        (Answer(), Pointing.NOWHERE),
        (Answer(failed="A: LifetimeTimeout"), Pointing.UNKNOWN),
        (Answer(addresses=("8.8.4.4",), failed="AAAA: NoNameservers"), Pointing.UNKNOWN),
        (Answer(addresses=("10.0.0.1",), failed="AAAA: NoNameservers"), Pointing.PRIVATE),
    ],
)
def test_where_a_domain_points(answer, verdict):
    found = pointing.judge_pointing(answer, names={"shop.ours.cn"}, addresses={"8.8.4.4"})
    assert found.pointing is verdict


def test_the_table_of_states():
    assert set(states.TRANSITIONS) == set(DomainState)
    assert states.TRANSITIONS[DomainState.REMOVED] == frozenset()
    for state in states.OPEN:  # everything can be given up, and leads somewhere
        assert {DomainState.REMOVING, DomainState.REMOVED} & states.TRANSITIONS[state], state
    reached, wave = set(), {DomainState.REQUESTED}
    while wave:
        reached |= wave
        wave = {after for state in wave for after in states.TRANSITIONS[state]} - reached
    assert reached == set(DomainState)
    # Nothing comes to a certificate but over its DNS, and nothing proved comes to its DNS past the filing's two states.
    before = {s for s in DomainState if DomainState.CERTIFYING in states.TRANSITIONS[s]}
    assert before == {DomainState.POINTING, DomainState.BROKEN}
    for state in DomainState:
        look = states.next_look(state, since=NOW, failures=0, now=NOW)
        assert (look is not None) == (state in states.LOOKED_AT)
        assert look is None or look > NOW
    assert states.next_look(DomainState.ACTIVE, since=NOW, failures=0, now=NOW) == NOW + dt.timedelta(days=1)


def test_filing_numbers_and_files():
    assert filing.read_number(" 京icp备12345678号 ") == "京ICP备12345678号"
    assert filing.read_number("浙ICP备2021000000号－1") == "浙ICP备2021000000号-1"
    for wrong in ("", "12345", "美ICP备12345678号", "京ICP备号", "京ICP备12345678号-1234", "京ICP证123456号"):
        assert filing.read_number(wrong) is None, wrong
    assert papers.kind_of_file(b"%PDF-1.4") == "application/pdf"
    assert papers.kind_of_file(b"<svg onload=x>") is None
    assert filing.filing_needed("auto", "cn-north-1") and not filing.filing_needed("auto", "ap-east-1")
    assert filing.filing_needed("always", "") and not filing.filing_needed("never", "cn-north-1")
