"""Functions of the cell role behind `mall backup`, `restore`, `restore-drill`, `export`, `import` (saas.runtime.call)."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from provisioning.archives import bundles, dictionary, drills, exports, rules, services, shelves
from provisioning.archives.bundles import ArchiveRefused
from provisioning.archives.models import Backup
from provisioning.archives.rules import BackupState
from provisioning.executor import schema as template
from saas.kernel.clock import real_now as now
from saas.kernel.errors import NotFound
from saas.kernel.ids import new_ulid
from saas.runtime.call import tell
from saas.tenants.malls.models import Domain, Mall
from saas.tenants.malls.rules import LEFT, MallState


def _malls(name: str) -> list[Mall]:
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    here = Mall.objects.exclude(state__in=[*LEFT, MallState.CREATING]).order_by("name")
    if name == "all":
        return list(here)
    owners = Domain.objects.filter(Q(domain=name) | Q(domain=f"{name}.{settings.PLATFORM_DOMAIN}"))
    if not owners.exists():  # opened under another base domain
        owners = Domain.objects.filter(domain__startswith=f"{name}.")
    tenants = set(owners.values_list("tenant_id", flat=True))
    found = list(here.filter(ulid=name) or (here.filter(pk__in=tenants) if len(tenants) == 1 else []))
    if not found:
        raise NotFound(f"no mall {name} in this cell")
    return found


def back_up(*, mall: str, reason: str) -> list[dict[str, Any]]:
    """Back up one mall or all; what was taken."""
    done = []
    for one in _malls(mall):
        row = services.take_backup(mall=one.ulid, reason=reason, actor="system", now=now())
        services.apply_retention(mall=one.ulid, now=now())
        done.append(
            {
                "mall": one.name,
                "ulid": row.ulid,
                "name": row.name,
                "size": row.size,
                "rows": row.rows,
                "sha256": row.sha256,
            }
        )
    return done


def take_in_backup(*, file: str) -> dict[str, str]:
    """A backup by its ULID, or from a file (one of this installation, brought back from elsewhere): its ULID and mall."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    if not Path(file).is_file():
        row = Backup.objects.filter(ulid=file, state=BackupState.READY).first()
        if row is None:
            raise NotFound(f"there is no backup {file}, and no such file")
        with services.opened_backup(row.name) as (reader, _path):
            return {"ulid": row.ulid, "mall": row.mall, "title": reader.manifest["mall"]["name"]}
    with bundles.opened(Path(file), wanted=rules.BACKUP_FORMAT, secret=settings.SECRET_KEY) as reader:
        reader.check()
        facts = reader.manifest
    mall, ulid = facts["mall"]["ulid"], facts["backup"]
    known = Backup.objects.filter(ulid=ulid, state=BackupState.READY).first()
    if known is None:
        with shelves.writing(shelves.backup_name(mall, ulid)) as shelf, Path(file).open("rb") as source:
            for block in shelves.blocks(source):
                shelf.write(block)
        with transaction.atomic():
            Backup.objects.update_or_create(
                ulid=ulid,
                defaults={
                    "mall": mall, "name": shelves.backup_name(mall, ulid), "state": BackupState.READY, "size": shelf.size,
                    "sha256": shelf.sha256(), "reason": "brought back as a file", "actor": "system", "error": "",
                    "rows": sum(one["rows"] for one in facts["tables"].values()), "tables": len(facts["tables"]),
                    "started_at": facts["taken_at"], "finished_at": now(),
                },
            )  # fmt: skip
    return {"ulid": ulid, "mall": mall, "title": facts["mall"]["name"]}


def drill(*, mall: str) -> list[dict[str, Any]]:
    """Prove the newest backup of one mall or of all; what came of it."""
    done = []
    for one in _malls(mall):
        tell(one.name)
        asked = services.ask_drill(mall=one.ulid, ulid=new_ulid(), actor="system", now=now())
        row = drills.run_drill(asked)
        done.append({"mall": one.name, "passed": bool(row.passed), "report": row.report})
    return done


def hand_out(*, mall: str, run: str, target: str) -> int:
    """Copy a finished export out of the storage; its size."""
    with shelves.reading(exports.file_name(mall, run)) as path:
        shutil.copyfile(path, target)
    return Path(target).stat().st_size


def look_into(*, file: str) -> dict[str, Any]:
    """What an export would make here, and what keeps it from it. Reads the file through. Raises ArchiveRefused."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with bundles.opened(Path(file), wanted=rules.EXPORT_FORMAT) as reader:
        reader.check()
        facts = reader.manifest
    problems = []
    if facts.get("migrations") != template.migrations_hash():
        refused = ArchiveRefused("other_migrations", f"{facts.get('migrations')} ≠ {template.migrations_hash()}")
        problems.append(refused.text)
    elif unknown := _other_tables(facts):
        problems.append(ArchiveRefused("tables_unknown", ", ".join(unknown[:10])).text)
    tables, mall = facts["tables"], facts["mall"]
    full = {name: one["rows"] for name, one in sorted(tables.items()) if one["rows"]}
    lines = [
        f"export {facts['export']} of {mall['name']} ({facts['installation']}), taken {facts['taken_at']}",
        f"{len(tables)} tables, {sum(full.values())} rows, {len(facts['media'])} pictures, {facts['events']} events wait",
        *(f"{name}: {rows} rows" for name, rows in full.items() if rows >= 10),
        "book: " + ", ".join(f"{one['family']} {one['posted']} {one['asset']}" for one in facts["trial_balance"]),
        *(f"left out: {one['table']}.{one['column']} ({one['why']})" for one in facts["withheld"]),
        *(f"host {one['domain']} stays behind" for one in mall["hosts"]),
    ]
    counts = {"products_max": full.get("catalog_product", 0)}
    return {
        "lines": lines,
        "problems": problems,
        "title": mall["name"],
        "entitlements": mall["entitlements"],
        "counts": counts,
    }


def _other_tables(facts: dict[str, Any]) -> list[str]:
    wanted = {name for name in template.template_tables() if dictionary.exported(name)}
    return sorted(wanted ^ set(facts["tables"]))


def stage(*, file: str) -> dict[str, str]:
    """Put the file into the storage, where the worker finds it: its name there and its digest."""
    name = shelves.arrival_name(new_ulid())
    with shelves.writing(name) as shelf, Path(file).open("rb") as source:
        for block in shelves.blocks(source):
            shelf.write(block)
    return {"file": name, "sha256": shelf.sha256()}


def forget_arrival(*, file: str) -> None:
    """The staged file has served."""
    if file.startswith("arrivals/"):
        shelves.delete(file)
