"""The schema of a deleted mall. Its row stays in the registry as `gone`, so that neither name is ever used again."""

from provisioning.executor import schema as template
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls.rules import MallState


def ensure(context: Context) -> str:
    """Drop it. Raises NotRepeatable for a mall that is not closed."""
    mall = context.found()
    if mall is not None and (mall.state != MallState.GONE or mall.schema_name != context.schema):
        raise NotRepeatable(f"the mall is {mall.state} in {mall.schema_name}")
    dropped = template.drop_schema(context.schema)
    crashpoint("delete.schema_dropped")
    return f"schema {context.schema} {'dropped' if dropped else 'was dropped already'}"


def remove(context: Context) -> str:
    """What is dropped stays dropped."""
    return "nothing to undo"
