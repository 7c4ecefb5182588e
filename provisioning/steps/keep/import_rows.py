"""The rows of an export in the mall's schema, in one transaction, compared byte by byte with the file."""

import psycopg

from provisioning.archives import imports, sealed
from provisioning.archives.bundles import ArchiveRefused
from provisioning.executor import schema as template
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from provisioning.steps.keep import arrival
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.rules import MallState
from tenant_apps.payments.services import credentials
from tenant_apps.payouts import services as payouts


def ensure(context: Context) -> str:
    """Load, unless the mall has opened. Raises NotRepeatable: the file's rows are not what its manifest says."""
    mall = context.registered()
    if mall.state != MallState.CREATING:
        raise NotRepeatable(f"{context.schema} is a mall that works: nothing is imported into it")
    with (
        arrival.opened(context) as reader,
        psycopg.connect(template.owner_url(), options="-c timezone=UTC -c datestyle=ISO") as connection,
    ):
        try:
            rows = imports.load(connection, mall.schema_name, reader, folders=arrival.folders(context, reader))
        except ArchiveRefused as refused:
            raise NotRepeatable(refused.english) from None
        tables = len(reader.manifest["tables"])
    with in_mall(mall):
        credentials.forget_all()
        payouts.forget_payees()
    sealed.blank(context.schema)
    return f"{tables} tables, {rows} rows loaded; written out again they are the file's, byte by byte"


def remove(context: Context) -> str:
    """They go with the schema."""
    return "nothing to undo"
