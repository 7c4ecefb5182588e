"""The mall's pictures into its own folder: copied from the mall of the backup, or unpacked from the export."""

from django.core.files.base import File

from provisioning.archives import selectors, services
from provisioning.steps.context import Context
from provisioning.steps.keep import arrival
from provisioning.steps.keep.plan import RestorePlan
from saas.tenants.malls.storage import mall_storage, own_folder


def ensure(context: Context) -> str:
    """Copy what is not there yet; what the storage has lost is counted and named."""
    if "import" in context.order:
        return arrival.unpack_media(context)
    plan, storage = RestorePlan.of(context), mall_storage()
    row = selectors.backup(plan.backup)
    with services.opened_backup(row.name) as (reader, _path):
        wanted = {one["name"]: int(one["bytes"]) for one in reader.manifest["media"]}
    here = {name.removeprefix(own_folder(context.mall)): size for name, size in storage.walk(own_folder(context.mall))}
    copied, lost = 0, []
    for name, size in wanted.items():
        if here.get(name) == size:
            continue
        storage.delete(f"{own_folder(context.mall)}{name}")
        try:
            with storage.open(f"{own_folder(plan.source)}{name}") as file:
                storage.save(f"{own_folder(context.mall)}{name}", File(file))
            copied += 1
        except FileNotFoundError:
            lost.append(name)
    told = f"; {len(lost)} are no longer in the storage: {', '.join(lost[:10])}" if lost else ""
    return f"{copied} of {len(wanted)} files copied{told}"


def remove(context: Context) -> str:
    """Delete them."""
    return f"{mall_storage().delete_folder(own_folder(context.mall))} files deleted"
