"""Make the two malls of every cell test, in the database of DATABASE_URL: a grocery and a beauty mall."""

import os

import django

django.setup()

import psycopg  # noqa: E402

from provisioning.executor import schema  # noqa: E402
from saas.kernel.clock import now  # noqa: E402
from saas.tenants.malls import services  # noqa: E402
from saas.tenants.malls.rules import MallState  # noqa: E402

MALLS = [
    ("01JGRCERYGRCERYGRCERYGRCER", "t_test_grocery", "Green Basket", "grocery.localhost"),
    ("01JBEAVTYBEAVTYBEAVTYBEAVT", "t_test_beauty", "Peony Beauty", "beauty.localhost"),
]


def main() -> None:
    """Replay the template for each and register it, active."""
    owner_url = os.environ["DATABASE_OWNER_URL"]
    text = schema.template_text(owner_url)
    for ulid, name, title, host in MALLS:
        with psycopg.connect(owner_url) as connection:
            schema.replay(connection, text, name)
        mall = services.ensure_mall(ulid=ulid, schema_name=name, name=title, now=now())
        services.ensure_domain(mall, host, primary=True)
        services.change_state(ulid, MallState.REHEARSAL, now=now())
        services.change_state(ulid, MallState.ACTIVE, now=now())


if __name__ == "__main__":
    main()
