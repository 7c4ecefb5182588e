"""The file is read through as whoever imports it would read it; then control is told that it is there."""

from django.db import transaction

from provisioning.archives import bundles, exports, rules, shelves
from provisioning.archives.bundles import ArchiveRefused
from provisioning.steps.context import Context
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent

EXPORT_READY = "export.ready"


def ensure(context: Context) -> str:
    """Check every member against the manifest; delete the staged rows. Raises ArchiveRefused."""
    name = exports.file_name(context.mall, context.run)
    with shelves.reading(name) as path, bundles.opened(path, wanted=rules.EXPORT_FORMAT) as reader:
        reader.check()
        manifest, digest, size = reader.manifest, bundles.file_digest(path), path.stat().st_size
        if manifest["mall"]["ulid"] != context.mall:
            raise ArchiveRefused("other_format", manifest["mall"]["ulid"])
    shelves.delete(exports.staged_name(context.mall, context.run))
    fact = {
        "run": context.run,
        "mall": context.mall,
        "name": name,
        "size": size,
        "sha256": digest,
        "tables": len(manifest["tables"]),
        "rows": sum(int(one["rows"]) for one in manifest["tables"].values()),
        "media": len(manifest["media"]),
        "withheld": len(manifest["withheld"]),
        "trial_balance": manifest["trial_balance"],
        "taken_at": manifest["taken_at"],
    }
    with transaction.atomic():
        if not OutboxEvent.objects.filter(topic=EXPORT_READY, key=context.run).exists():
            bus.publish(EXPORT_READY, fact, key=context.run, destination=bus.CONTROL, mall=context.mall)
    return f"{fact['tables']} tables, {fact['rows']} rows, {fact['media']} pictures read back; sha256 {digest}"


def remove(context: Context) -> str:
    """Nothing was made."""
    return "nothing to undo"
