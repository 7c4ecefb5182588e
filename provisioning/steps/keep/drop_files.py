"""Everything that the storage holds of a deleted mall: pictures, exports, backups."""

from provisioning.archives import services, shelves
from provisioning.archives.models import Backup
from provisioning.archives.rules import BackupState
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls.rules import MallState
from saas.tenants.malls.storage import mall_storage, own_folder


def ensure(context: Context) -> str:
    """Delete them, and prove that nothing is left. Raises NotRepeatable for a mall that is not closed."""
    mall = context.found()
    if mall is not None and mall.state != MallState.GONE:
        raise NotRepeatable(f"the mall is {mall.state}")
    storage = mall_storage()
    pictures = storage.delete_folder(own_folder(context.mall))
    crashpoint("delete.media_deleted")
    backups = 0
    for row in Backup.objects.filter(mall=context.mall, state__in=[BackupState.READY, BackupState.RUNNING]):
        services.delete_backup(row)
        backups += 1
    storage.delete_folder(shelves.backup_folder(context.mall))
    left = [
        name
        for folder in (own_folder(context.mall), shelves.backup_folder(context.mall))
        for name, _ in storage.walk(folder)
    ]
    if left:
        raise RuntimeError(f"{len(left)} files are left: {left[0]}")
    return f"{pictures} files and {backups} backups deleted"


def remove(context: Context) -> str:
    """What is deleted stays deleted."""
    return "nothing to undo"
