"""Every text has its Chinese, and one: Django merges the catalogues of a role's apps, the first of them wins.

A word that means two things takes a context: `{% translate "Title" context "invoice" %}`, `pgettext("invoice", "Title")`,
and `msgctxt` in the catalogue. Needs no database; runs in both roles.
"""

import ast
import functools
import gettext
import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polib
from django.template.base import Lexer, Token, TokenType
from django.utils.translation.template import block_re, constant_re, context_re, endblock_re, inline_re, plural_re

from saas.config.settings import base
from saas.runtime.paths import PROJECT
from tests.architecture.test_sources import PACKAGES, trees

Word = tuple[str, str]  # context (mostly empty), English text
Catalogue = dict[Word, str]

# In order of the merge: LOCALE_PATHS (saas/config) before all, Django's own words last.
ROLES = {
    "cell": ["saas.config", *base._SCREENS, *base.SHARED_APPS, *base.TENANT_APPS],
    "control": ["saas.config", *base._SCREENS, *base.CONTROL_APPS],
}
_ONE_ROLE = {"provisioning/rehearsals/": "cell"}  # no app, and used by the cell's apps alone
_FIRST = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
_SECOND = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
_LOCALE = "locale/zh_Hans/LC_MESSAGES/django"


def of_project(app: str) -> bool:
    return app.split(".")[0] in PACKAGES


@functools.cache
def catalogue(app: str) -> Catalogue:
    """The Chinese that an app brings: ours from the .po, a foreign one from the .mo it comes with."""
    if of_project(app):
        source = PROJECT / app.replace(".", "/") / f"{_LOCALE}.po"
        if not source.exists():
            return {}
        return {
            (entry.msgctxt or "", entry.msgid): entry.msgstr or entry.msgstr_plural[0]
            for entry in polib.pofile(str(source))
            if entry.translated()
        }
    spec = importlib.util.find_spec(app)
    assert spec is not None and spec.submodule_search_locations, app
    source = Path(spec.submodule_search_locations[0]) / f"{_LOCALE}.mo"
    if not source.exists():
        return {}
    with source.open("rb") as file:
        read: dict[str | tuple[str, int], str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found = {}
    for message, chinese in read.items():
        context, _mark, text = (message if isinstance(message, str) else message[0]).rpartition("\x04")
        found[context, text] = chinese
    return found


@functools.cache
def merged(role: str) -> Catalogue:
    """What a reader of the role meets."""
    words: Catalogue = {}
    for app in reversed([*ROLES[role], "django.conf"]):
        words |= catalogue(app)
    return words


def spoken(call: ast.Call) -> Word | None:
    """The text that a call of the gettext family translates, if it is written out there."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    needed = 1 if name in _FIRST else 2 if name in _SECOND else 0
    given = [arg.value for arg in call.args[:needed] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if not needed or len(given) < needed:
        return None
    return ("", given[0]) if needed == 1 else (given[0], given[1])


def unquoted(text: str) -> str:
    return text[1:-1].replace("%", "%%")


def context_of(tail: str | None) -> str:
    found = context_re.match(tail) if tail else None
    return found[1][1:-1] if found else ""


def of_block(opening: Token, body: list[Token]) -> Word:
    """The text of a `blocktranslate`, as Django looks it up."""
    text = ""
    for token in body:
        if token.token_type == TokenType.VAR:
            text += f"%({token.contents})s"
        elif token.token_type == TokenType.TEXT:
            text += token.contents.replace("%", "%%")
        elif plural_re.match(token.contents):
            break
    if " trimmed" in opening.contents:
        text = re.sub(r"\s*\n\s*", " ", text.strip())
    found = block_re.match(opening.contents)
    return context_of(found[1] if found else None), text


def of_template(source: str) -> Iterator[Word]:
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        for constant in constant_re.findall(token.contents):
            yield "", unquoted(constant)
        if token.token_type == TokenType.BLOCK and (found := inline_re.match(token.contents)):
            yield context_of(found[2]), unquoted(found[1])
        elif token.token_type == TokenType.BLOCK and block_re.match(token.contents):
            body = []
            for inner in tokens:
                if inner.token_type == TokenType.BLOCK and endblock_re.match(inner.contents):
                    break
                body.append(inner)
            yield of_block(token, body)


def texts() -> Iterator[tuple[Word, str]]:
    """Every text of the project that is translated, with the file where it stands."""
    for name, tree in trees(r"gettext|\b_\("):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (word := spoken(node)):
                yield word, name
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("templates/**/*")):
            if path.suffix in (".html", ".txt", ".svg", ".xml"):
                for word in of_template(path.read_text()):
                    yield word, path.relative_to(PROJECT).as_posix()


@functools.cache
def roles_of(folder: str) -> tuple[str, ...]:
    """The roles in which the app of a folder is installed; of no app at all, both."""
    for start, role in _ONE_ROLE.items():
        if f"{folder}/".startswith(start):
            return (role,)
    if folder == ".":
        return tuple(ROLES)
    app = folder.replace("/", ".")
    return tuple(role for role, apps in ROLES.items() if app in apps) or roles_of(Path(folder).parent.as_posix())


def test_a_word_has_one_chinese_in_a_role():
    differing: dict[str, dict[Word, dict[str, str]]] = defaultdict(dict)
    for role, apps in ROLES.items():
        shown = merged(role)
        for app in filter(of_project, dict.fromkeys(apps)):
            for word, chinese in catalogue(app).items():
                if shown[word] != chinese:
                    differing[role].setdefault(word, {"shown": shown[word]})[app] = chinese
    assert differing == {}


def test_every_text_has_its_chinese():
    known = {role: merged(role) for role in ROLES}
    count = 0
    missing: dict[tuple[str, Word], set[str]] = defaultdict(set)
    for word, name in texts():
        count += 1
        for role in roles_of(Path(name).parent.as_posix()):
            if word not in known[role]:
                missing[role, word].add(name)
    assert count > 8000  # the search finds what it looks for
    assert missing == {}


def test_the_search_reads_texts_as_django_does():
    source = (
        '{% translate "5 % off" context "coupon" %}{{ x|default:_("None") }}{% include "a" with label=_("Label") %}'
        "{% blocktranslate trimmed count n=rows with a=b context 'list' %}\n  {{ n }} row\n  at 5 %\n"
        "{% plural %}{{ n }} rows{% endblocktranslate %}{% trans 'Plain' as word %}"
    )
    assert list(of_template(source)) == [
        ("coupon", "5 %% off"),
        ("", "None"),
        ("", "Label"),
        ("list", "%(n)s row at 5 %%"),
        ("", "Plain"),
    ]
    calls = ast.parse("_('a'); pgettext('b', 'c'); ngettext('d', 'e', 2); gettext(variable); t.gettext_lazy('f' 'g')")
    found = [spoken(node) for node in ast.walk(calls) if isinstance(node, ast.Call)]
    assert found == [("", "a"), ("b", "c"), ("", "d"), None, ("", "fg")]


def test_chinese_sentences_have_chinese_punctuation():
    narrow = re.compile(r"[\u4e00-\u9fff][,;:?!][\u4e00-\u9fff]")
    found = [
        f"{app}: {chinese}"
        for app in sorted({app for apps in ROLES.values() for app in apps if of_project(app)})
        for chinese in catalogue(app).values()
        if narrow.search(chinese)
    ]
    assert found == []


_HOLE = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)(?:[!:][^{}]*)?\}")


def holes(text: str) -> set[str]:
    """What is filled in: `%(name)s`, `%s`, `{name}`; a doubled percent sign is one."""
    return {found.group() for found in _HOLE.finditer(text.replace("%%", ""))}


def test_a_text_and_its_chinese_fill_in_the_same():
    assert holes("%(n)s of {all:,} %s, 5 %% {}") == {"%(n)s", "{all:,}", "%s", "{}"}
    differing = {}
    for app in sorted({app for apps in ROLES.values() for app in apps if of_project(app)}):
        source = PROJECT / app.replace(".", "/") / f"{_LOCALE}.po"
        for entry in polib.pofile(str(source)) if source.exists() else ():
            wanted = holes(entry.msgid_plural or entry.msgid)
            for chinese in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
                if chinese and holes(chinese) != wanted:
                    differing[app, entry.msgid] = chinese
    assert differing == {}
