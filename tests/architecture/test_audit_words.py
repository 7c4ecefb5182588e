"""Every action that the sources write to the audit trail has its words: no reader meets a bare code."""

import ast
from collections.abc import Iterator

from saas.identity.audit_words import NOUNS, VERBS
from tests.architecture.test_sources import trees


def codes(action: ast.expr) -> Iterator[str]:
    """The codes an argument may hold; of one that is put together, its noun with an open end."""
    if isinstance(action, ast.IfExp):
        yield from codes(action.body)
        yield from codes(action.orelse)
    elif isinstance(action, ast.Constant):
        yield str(action.value)
    elif isinstance(action, ast.JoinedStr) and isinstance(action.values[0], ast.Constant):
        yield str(action.values[0].value).partition(".")[0] + "."


def test_every_recorded_action_has_its_words():
    found = {
        code: name
        for name, tree in trees(r"\baudit\b")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.record", "record") and len(node.args) > 1
        for code in codes(node.args[1])
    }
    assert len(found) > 150  # the search finds what it looks for
    wordless = {}
    for code, name in found.items():
        noun, _dot, verb = code.partition(".")
        if noun not in NOUNS or (verb and verb.replace("-", "_") not in VERBS):
            wordless[code] = name
    assert wordless == {}
