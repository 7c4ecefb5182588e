"""`python -m saas.runtime.manage ROLE COMMAND …`: a Django command in a role, over the embedded servers if none are set.

The servers are left running: the next command finds them. `mall django ROLE COMMAND …` stops what it started.
"""

import os
import sys

from saas.runtime.environment import role_environment
from saas.runtime.paths import home
from saas.runtime.servers import Servers


def main() -> None:
    """Start what is embedded if needed, set the role's variables, run the command."""
    role, arguments = sys.argv[1], sys.argv[2:]
    if "CONTROL_DATABASE_URL" not in os.environ and "DATABASE_URL" not in os.environ:
        place = home()
        Servers(place).join()
        for name, value in role_environment(role, place).items():
            os.environ.setdefault(name, value)
    os.environ["ROLE"] = role
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage", *arguments])


if __name__ == "__main__":
    main()
