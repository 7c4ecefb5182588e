"""Proof that the mall works: its tables are the template's and its storefront answers; then rehearsal begins."""

import httpx
from django.conf import settings

from provisioning.executor import schema as template
from provisioning.steps.context import Context
from saas.kernel.clock import real_now as now
from saas.tenants.malls import probe
from saas.tenants.malls import services as malls
from saas.tenants.malls.rules import MallState

_TIMEOUT_SECONDS = 10


class SmokeTestFailed(RuntimeError):
    """The mall is not what it should be; the message says in what."""


def ensure(context: Context) -> str:
    """Compare the tables, ask the storefront for its home page as a shopper's browser would, open the rehearsal."""
    _check_tables(context)
    seconds = check_storefront(context)
    malls.change_state(context.mall, MallState.REHEARSAL, now=now())
    return f"tables match the template; storefront answered 200 in {seconds * 1000:.0f} ms; rehearsal open"


def remove(context: Context) -> str:
    """Take the mall out of use, so that nothing writes to it while it is unmade. A live mall refuses."""
    mall = context.found()
    if mall is None:
        return "mall was not registered"
    malls.change_state(context.mall, MallState.GONE, now=now())
    return "mall closed for good"


def _check_tables(context: Context) -> None:
    wanted, found = template.template_tables(), template.tables_of(context.schema)
    if wanted != found:
        raise SmokeTestFailed(f"missing {sorted(wanted - found)}, unknown {sorted(found - wanted)}")


def check_storefront(context: Context) -> float:
    """Seconds that the home page took, asked for with a pass. Raises SmokeTestFailed."""
    headers = {"Host": context.host, probe.HEADER: probe.token(context.mall), "Accept": "text/html"}
    answer = httpx.get(f"{settings.CELL_INTERNAL_ORIGIN}/", headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False)
    if answer.status_code != 200:
        raise SmokeTestFailed(f"the storefront answered {answer.status_code}: {answer.text[:300]}")
    return answer.elapsed.total_seconds()
