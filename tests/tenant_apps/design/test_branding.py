import pytest
from django.db import connection

from saas.identity.models import AuditRecord
from saas.kernel.clock import now
from tenant_apps.catalog.services import ImageRefused
from tenant_apps.design import rules, selectors, services
from tenant_apps.design.models import Branding
from tenant_apps.design.rules import LegalKind
from tests.factories.browser import MallClient
from tests.factories.catalog import picture

STAFF = "user:01J"


@pytest.fixture
def flush_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_mall_without_a_brand_wears_its_own_name(grocery):
    assert selectors.branding().name == "Green Basket"


def test_the_first_brand_is_published_at_once_and_kept_when_repeated(grocery, flush_commit):
    with flush_commit():
        services.ensure_branding(name="青篮子", now=now(), primary_color="#15803D")
        services.ensure_branding(name="别的名字", now=now())
    assert (selectors.branding().name, selectors.branding().primary_color) == ("青篮子", "#15803d")
    assert Branding.objects.count() == 1


def test_shoppers_see_a_draft_only_after_publication(grocery, flush_commit):
    with flush_commit():
        services.ensure_branding(name="青篮子", now=now())
    assert selectors.branding().tagline == ""
    with flush_commit():
        services.update_branding(actor=STAFF, now=now(), values={"tagline": "新鲜到家"})
    assert selectors.branding().tagline == ""
    assert selectors.draft_branding().tagline == "新鲜到家"
    with flush_commit():
        services.publish_branding(actor=STAFF, now=now())
    assert selectors.branding().tagline == "新鲜到家"
    actions = set(AuditRecord.objects.values_list("action", flat=True))
    assert {"branding.created", "branding.edited", "branding.published"} <= actions


def test_an_earlier_version_comes_back(grocery, flush_commit):
    with flush_commit():
        services.ensure_branding(name="青篮子", now=now(), notice="first")
        services.update_branding(actor=STAFF, now=now(), values={"notice": "second"})
        services.publish_branding(actor=STAFF, now=now())
        services.restore_version(actor=STAFF, number=1, now=now())
        services.publish_branding(actor=STAFF, now=now())
    assert selectors.branding().notice == "first"
    assert [row.version for row in selectors.history()] == [3, 2, 1]


def test_publishing_without_a_draft_is_refused(grocery):
    services.ensure_branding(name="青篮子", now=now())
    with pytest.raises(services.NoBrandDraft):
        services.publish_branding(actor=STAFF, now=now())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"primary_color": "red"}, "primary_color"),
        ({"accent_color": "#12345"}, "accent_color"),
        ({"name": "  "}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"service_email": "nobody"}, "service_email"),
        ({"version": "7"}, "version"),
    ],
)
def test_a_bad_field_is_refused_by_name_and_nothing_changes(grocery, values, field):
    services.ensure_branding(name="青篮子", now=now())
    with pytest.raises(services.BadBranding) as refused:
        services.update_branding(actor=STAFF, now=now(), values=values)
    assert refused.value.field == field
    assert selectors.draft() is None


def test_brands_of_two_malls_never_mix(grocery, flush_commit):
    from saas.tenants.malls import selectors as malls
    from saas.tenants.malls.activation import in_mall

    with flush_commit():
        services.ensure_branding(name="青篮子", now=now())
    assert selectors.branding().name == "青篮子"
    with in_mall(malls.mall_by_host("beauty.localhost")):
        assert selectors.branding().name == "Peony Beauty"
    assert connection.schema_name == grocery.schema_name


def test_a_logo_is_reencoded_under_the_malls_own_folder_and_shown_after_publication(
    grocery, flush_commit, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    with flush_commit():
        services.ensure_branding(name="青篮子", now=now())
        services.set_brand_picture(
            which="logo", content=picture((900, 300), "PNG"), content_type="image/png", actor=STAFF, now=now()
        )
        assert selectors.branding().logo == ""
        services.publish_branding(actor=STAFF, now=now())
    logo = selectors.branding().logo
    assert logo.startswith(f"/media/t/{grocery.ulid}/brand/") and (tmp_path / logo.removeprefix("/media/")).exists()
    page = MallClient().get("/").content.decode()
    assert logo in page


def test_what_is_no_picture_is_refused_and_the_draft_stays_away(grocery):
    services.ensure_branding(name="青篮子", now=now())
    with pytest.raises(ImageRefused):
        services.set_brand_picture(which="logo", content=b"<svg/>", content_type="image/png", actor=STAFF, now=now())
    assert selectors.draft() is None


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", list(LegalKind))
def test_default_legal_texts_carry_the_malls_details_unescaped(grocery, kind, language):
    services.ensure_branding(name="A & B", now=now(), service_phone="400-1", return_address="苏州 1 号")
    text = selectors.legal_text(kind, language=language)
    assert "## " in text and "&amp;" not in text and "{{" not in text
    assert ("A & B" in text) or kind is LegalKind.RETURNS


def test_the_malls_own_text_wins_over_the_default(grocery):
    services.ensure_branding(name="青篮子", now=now(), terms="我们的规则")
    assert selectors.legal_text(LegalKind.TERMS, language="en") == "我们的规则"


def test_adopted_texts_stand_in_the_draft_in_full(grocery):
    services.ensure_branding(name="青篮子", now=now())
    row = services.adopt_default_texts(actor=STAFF, now=now(), language="zh-hans")
    assert "青篮子" in row.terms and "青篮子" in row.privacy and "七日" in row.returns


def test_a_preview_token_opens_its_own_mall_only(grocery):
    from saas.tenants.malls import selectors as malls

    token = selectors.preview_token(grocery)
    assert selectors.preview_allows(grocery, token)
    assert not selectors.preview_allows(malls.mall_by_host("beauty.localhost"), token)
    assert not selectors.preview_allows(grocery, token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert not selectors.preview_allows(grocery, "")


@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#f97316", "#fde047", "#0f766e", "#be185d", "#7c7c7c"])
def test_any_brand_colour_stays_readable(color):
    assert rules.contrast(color, rules.text_on(color)) >= 4.5
    assert rules.contrast(rules.darkened(color), "#ffffff") >= 4.5
    assert rules.contrast(rules.darkened(color), "#f5f5f4") >= 4.5
