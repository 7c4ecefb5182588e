"""What must hold for the source text itself. Needs no database; runs in both roles."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from saas.runtime.paths import PROJECT

PACKAGES = ("saas", "tenant_apps", "provisioning", "billing")
# Both sides of the seam are named here and nowhere else (DESIGN 3).
_SEES_BOTH_SIDES = ("saas/config/", "saas/messaging/relay.py", "saas/runtime/")


@functools.cache
def sources() -> list[Path]:
    return sorted(
        path
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*.py")
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


def trees(pattern: str) -> Iterator[tuple[str, ast.Module]]:
    """Every source in which the pattern occurs, parsed: reading all of them takes seconds."""
    for path in sources():
        text = path.read_text()
        if re.search(pattern, text):
            yield str(path.relative_to(PROJECT)), ast.parse(text)


def test_the_lock_pins_every_package_with_a_hash_and_names_no_host():
    text = (PROJECT / "requirements.lock").read_text()
    assert ":/" + "/" not in text
    pins = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^]]*\])?==", text, re.M)
    assert len(pins) > 50
    assert text.count("--hash=sha256:") >= len(pins)


def test_only_config_the_relay_and_the_runtime_name_a_second_database():
    found = []
    for path in sources():
        name = str(path.relative_to(PROJECT))
        if name.startswith(_SEES_BOTH_SIDES):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            aliases = re.findall(r"""(?:using\(|using=|connections\[)\s*([^)\],]+)""", line)
            found += [f"{name}:{number}: {line.strip()}" for alias in aliases if alias not in _SAME_DATABASE]
    assert found == []


_SAME_DATABASE = ("DEFAULT_DB_ALIAS", "self._db", "connection.alias", '"default"')


def test_every_task_has_one_of_the_two_bases():
    found = []
    for name, tree in trees(r"shared_task|app\.task"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                label = ast.unparse(called)
                if label not in ("shared_task", "app.task", "celery.shared_task"):
                    continue
                bases = [k.value for k in getattr(decorator, "keywords", []) if k.arg == "base"]
                if [ast.unparse(base).rsplit(".", 1)[-1] for base in bases] not in (["MallTask"], ["PublicTask"]):
                    found.append(f"{name}: {node.name}")
    assert found == []


def test_nobody_uses_a_tenant_as_a_context_manager_or_the_schema_decorators():
    """They keep the previous schema on a shared object: two threads undo each other (STACK 4)."""
    found = []
    for name, tree in trees(r"with .*\b(tenant|mall)\b|@.*(schema|tenant)_context"):
        for node in ast.walk(tree):
            if isinstance(node, ast.With):
                for item in node.items:
                    if re.fullmatch(r"(self\.|request\.|connection\.)?(tenant|mall)", ast.unparse(item.context_expr)):
                        found.append(f"{name}:{node.lineno}: with {ast.unparse(item.context_expr)}")
            for decorator in getattr(node, "decorator_list", []):
                if "schema_context" in ast.unparse(decorator) or "tenant_context" in ast.unparse(decorator):
                    found.append(f"{name}: @{ast.unparse(decorator)}")
    assert found == []


_SWITCHES = re.compile(r"set_schema\(|set_tenant\(|set_schema_to_public\(|schema_context\(|tenant_context\(|in_mall\(")
_MAY_SWITCH = ("saas/tenants/", "saas/config/", "saas/messaging/bus/", "saas/runtime/", "provisioning/")


def test_only_middleware_task_bases_provisioning_and_runtime_switch_schema():
    found = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in sources()
        if not str(path.relative_to(PROJECT)).startswith(_MAY_SWITCH)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if _SWITCHES.search(line)
    ]
    assert found == []


_CLOCKS = ("timezone.now", "dt.datetime.now", "datetime.now", "clock.now", "dt.date.today", "time.time")


def test_no_module_is_a_drawer():
    drawers = {"utils.py", "helpers.py", "common.py", "constants.py", "exceptions.py"}
    assert [str(path.relative_to(PROJECT)) for path in sources() if path.name in drawers] == []


# A notice is stamped where it is queued, as an event is where it is published. This list may only shrink.
_READS_THE_CLOCK = ("saas/messaging/notices/services.py", "saas/messaging/bus/services.py")


def test_the_clock_is_read_by_entry_points_only():
    """Rules, services and selectors take `now` (STYLE rule 15)."""
    found = []
    for name, tree in trees(r"\b(now|today|time)\("):
        parts = Path(name).parts
        if name in _READS_THE_CLOCK:
            continue
        if not (parts[-1] in ("rules.py", "services.py", "selectors.py", "models.py") or "services" in parts):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                label = ast.unparse(node.func)
                if label in _CLOCKS:
                    found.append(f"{name}:{node.lineno}: {label}()")
    assert found == []


@pytest.mark.parametrize("word", ["/work" + "/", "/var/lib/" + "mw"])
def test_no_source_names_a_place_of_one_machine(word):
    paths = [*sources(), *(PROJECT / "tests").rglob("*.py"), *PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    assert [str(path.relative_to(PROJECT)) for path in paths if word in path.read_text()] == []


def test_every_setting_is_in_the_operators_book():
    names = {
        match
        for path in sources()
        for match in re.findall(r"env\.(?:text|boolean|integer)\(\s*\"([A-Z_]+)\"", path.read_text())
    }
    book = (PROJECT / "docs" / "operators" / "settings.md").read_text()
    assert sorted(name for name in names if f"`{name}`" not in book) == []


def test_no_link_in_the_docs_is_dead():
    found = []
    for page in [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            if not (page.parent / target).exists():
                found.append(f"{page.relative_to(PROJECT)}: {target}")
    assert found == []
