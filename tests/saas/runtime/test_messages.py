"""Translations are compiled without gettext's tools."""

import gettext

from saas.runtime import messages
from saas.runtime.paths import PROJECT


def test_a_compiled_catalogue_speaks(tmp_path, monkeypatch):
    source = tmp_path / "saas" / "app" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Cart"\nmsgstr "购物车"\n'
    )
    monkeypatch.setattr(messages, "PROJECT", tmp_path)
    assert messages.compile_messages() == 1
    assert messages.compile_messages() == 0
    with source.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Cart") == "购物车"


def test_every_catalogue_says_that_chinese_has_one_number():
    """Without the header gettext counts as in English: "2 malls" would have no Chinese."""
    catalogues = sorted(PROJECT.glob("*/**/zh_Hans/LC_MESSAGES/*.po"))
    assert len(catalogues) > 30
    assert [str(one) for one in catalogues if "Plural-Forms: nplurals=1; plural=0;" not in one.read_text()] == []
