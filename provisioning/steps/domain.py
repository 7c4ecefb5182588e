"""The host under which the mall answers from the first minute."""

from provisioning.steps.context import Context
from saas.tenants.malls import services as malls


def ensure(context: Context) -> str:
    """Let the mall answer under its host. Raises HostTaken when the cell knows it as another mall's."""
    domain = malls.ensure_domain(context.registered(), context.host, primary=True)
    return f"answers under {domain.domain}"


def remove(context: Context) -> str:
    """Let the mall answer under no host."""
    mall = context.found()
    if mall is None:
        return "mall was not registered"
    malls.remove_domains(mall)
    return "answers under no host"
