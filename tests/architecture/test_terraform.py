"""The Terraform files: read by a parser, since no provider can be fetched where these tests run."""

import functools
import re
import shutil
import subprocess
from pathlib import Path

import hcl2
import pytest

from saas.runtime.paths import PROJECT

ROOT = PROJECT / "terraform"
MODULES = sorted(path.name for path in (ROOT / "modules").iterdir())
FILES = sorted(path for path in ROOT.rglob("*.tf") if ".terraform" not in path.parts)


@functools.cache
def read(path: Path) -> dict:
    with path.open() as handle:
        return hcl2.load(handle)


def blocks(folder: Path, kind: str) -> dict[str, dict]:
    found: dict[str, dict] = {}
    for file in folder.glob("*.tf"):
        for block in read(file).get(kind, []):
            found.update({name.strip('"'): body for name, body in block.items()})
    return found


def resources(kind: str) -> list[tuple[Path, dict]]:
    return [
        (file, body)
        for file in FILES
        for block in read(file).get("resource", [])
        for name, named in block.items()
        if name.strip('"') == kind
        for body in named.values()
        if isinstance(body, dict)
    ]


def test_the_modules_of_the_design_are_there():
    assert {"network", "control", "cell", "cache", "workers", "web", "storage", "edge"} <= set(MODULES)
    assert sorted(path.name for path in (ROOT / "environments").iterdir()) == ["production", "staging"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_is_read(file):
    assert read(file)


@pytest.mark.parametrize(
    "folder", [*(f"modules/{m}" for m in MODULES), "environments/staging", "environments/production"]
)
def test_variables_and_outputs_are_described_and_typed(folder):
    variables, outputs = blocks(ROOT / folder, "variable"), blocks(ROOT / folder, "output")
    assert variables
    assert [name for name, body in variables.items() if not body.get("description") or "type" not in body] == []
    assert [name for name, body in outputs.items() if not body.get("description")] == []


@pytest.mark.parametrize("folder", [f"modules/{m}" for m in MODULES if m != "layout"])
def test_every_variable_is_used_and_every_used_one_is_there(folder):
    text = "\n".join(file.read_text() for file in (ROOT / folder).glob("*.tf"))
    assert set(re.findall(r"\bvar\.(\w+)", text)) == set(blocks(ROOT / folder, "variable"))


def test_both_environments_differ_in_their_name_alone():
    staging, production = ((ROOT / "environments" / name / "main.tf").read_text() for name in ("staging", "production"))
    assert staging.replace("staging", "production") == production
    assert (ROOT / "environments/staging/variables.tf").read_text() == (
        ROOT / "environments/production/variables.tf"
    ).read_text()


def test_the_layout_needs_no_provider():
    assert "provider" not in (ROOT / "modules/layout/main.tf").read_text().replace("No provider", "")
    assert not any(file.name == "versions.tf" for file in (ROOT / "modules/layout").iterdir())


def test_what_lies_on_disk_is_encrypted_and_not_public():
    for _, database in resources("aws_db_instance"):
        assert database["storage_encrypted"] is True
        assert database["publicly_accessible"] is False
        assert database["manage_master_user_password"] is True
        assert "password" not in database
    for _, cache in resources("aws_elasticache_replication_group"):
        assert cache["transit_encryption_enabled"] is True
        assert cache["at_rest_encryption_enabled"] is True
    ((_, block),) = resources("aws_s3_bucket_public_access_block")
    assert all(block[name] is True for name in ("block_public_acls", "block_public_policy", "ignore_public_acls"))
    assert len(resources("aws_db_instance")) == len(resources("aws_elasticache_replication_group")) == 1


def test_no_secret_has_a_value_in_the_files():
    assert resources("aws_secretsmanager_secret")
    assert resources("aws_secretsmanager_secret_version") == []
    assert [file for file in FILES if re.search(r"password\s*=\s*\"", file.read_text())] == []


def test_only_a_cells_worker_learns_the_owners_url():
    text = (ROOT / "modules/cell/main.tf").read_text()
    assert text.count("DATABASE_OWNER_URL") == 1
    assert re.search(r"worker_secrets\s*=\s*\{ DATABASE_OWNER_URL", text)


def test_every_variable_of_a_process_is_a_documented_setting():
    text = (ROOT / "modules/platform/main.tf").read_text()
    names = set(re.findall(r"^\s+([A-Z][A-Z_]+)\s+=", text[text.index("environment = merge(") :], re.MULTILINE))
    known = (PROJECT / "docs/operators/settings.md").read_text()
    assert len(names) >= 8
    assert sorted(name for name in names if f"`{name}`" not in known) == []


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")
def test_the_layout_passes_its_own_tests(tmp_path):
    shutil.copytree(ROOT / "modules/layout", tmp_path / "layout", ignore=shutil.ignore_patterns(".terraform*"))
    for arguments in (["init", "-backend=false"], ["test"]):
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"], cwd=tmp_path / "layout", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed" in done.stdout
    formatted = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", str(ROOT)], capture_output=True, check=False
    )
    assert formatted.returncode == 0, formatted.stdout.decode()
