"""The mall's row in the cell's registry and its schema, made from the template in one transaction."""

from provisioning.executor import schema as template
from provisioning.steps.context import Context
from saas.kernel.clock import real_now as now
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls import services as malls


def ensure(context: Context) -> str:
    """Register the mall; replay the template unless the schema is whole already."""
    malls.ensure_mall(ulid=context.mall, schema_name=context.schema, name=context.name, now=now())
    crashpoint("provision.schema.registered")
    made = template.ensure_schema(context.schema)
    malls.set_schema_version(context.mall, template.migrations_hash())
    tables = len(template.tables_of(context.schema))
    return f"schema {context.schema} {'made' if made else 'was whole already'}: {tables} tables"


def remove(context: Context) -> str:
    """Drop the schema. The registry keeps a row in state `gone`, so that the name is never used again."""
    dropped = template.drop_schema(context.schema)
    return f"schema {context.schema} {'dropped' if dropped else 'was not there'}"
