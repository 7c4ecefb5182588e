"""`python -m saas.runtime.manage ROLE COMMAND …`: a Django command in a role, over the embedded servers if none are set."""

import os
import sys

from saas.runtime.environment import role_environment
from saas.runtime.paths import home
from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis


def main() -> None:
    """Start what is embedded if needed, set the role's variables, run the command."""
    role, arguments = sys.argv[1], sys.argv[2:]
    if "CONTROL_DATABASE_URL" not in os.environ and "DATABASE_URL" not in os.environ:
        place = home()
        server = Postgres(place)
        server.start()
        server.ensure_database("control")
        server.ensure_database("cell_c1")
        Redis(place).start()
        for name, value in role_environment(role, place).items():
            os.environ.setdefault(name, value)
    os.environ["ROLE"] = role
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage", *arguments])


if __name__ == "__main__":
    main()
