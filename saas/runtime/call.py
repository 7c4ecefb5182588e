"""`python -m saas.runtime.call ROLE package.module.function [JSON]`: one function in a process of its own, in a role.

The runtime holds no Django of its own, since a process has one role: whatever needs the database is called so. The
function's answer, which must be JSON, is written as the last line; a DomainError becomes its text and exit code 3.
"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from saas.runtime import environment, paths

REFUSED = 3
_under_way: set[subprocess.Popen[str]] = set()


class CallFailed(RuntimeError):
    """The called function raised; the message is the end of its traceback."""


class CallRefused(RuntimeError):
    """The called function refused (a DomainError); the message is its text."""


def call(
    role: str, function: str, home: Path, *, owner: bool = False, extra: dict[str, str] | None = None, **data: Any
) -> Any:
    """Call `function` (dotted) in a process of `role` with keyword arguments; its answer.

    Raises CallRefused for a DomainError, CallFailed for anything else. What it prints on standard error is kept for
    the message. `owner` opens the role's database as its owner.
    """
    values = environment.process_environment(role, home, owner=True, **(extra or {}))
    if owner:
        values = environment.as_owner(role, values)
    command = [sys.executable, "-m", "saas.runtime.call", role, function, json.dumps(data)]
    process = subprocess.Popen(
        command,
        env=values,
        cwd=paths.PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _under_way.add(process)
    try:
        output, errors = process.communicate()
    finally:
        _under_way.discard(process)
    if process.returncode == REFUSED:
        raise CallRefused(errors.strip().splitlines()[-1])
    if process.returncode:
        raise CallFailed(f"{role}: {function}:\n{(errors.strip() or output.strip())[-3000:]}")
    return json.loads(output.strip().splitlines()[-1])


def end_calls() -> None:
    """End the calls under way in other threads: the command is being stopped."""
    for process in list(_under_way):
        process.terminate()


def main() -> None:
    """Run the function named on the command line; its variables are already in the environment."""
    role, name = sys.argv[1], sys.argv[2]
    data = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    os.environ["ROLE"] = role
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django

    django.setup()
    from saas.kernel.errors import DomainError

    module, _, attribute = name.rpartition(".")
    try:
        answer = getattr(importlib.import_module(module), attribute)(**data)
    except DomainError as error:
        print(error.text, file=sys.stderr)
        raise SystemExit(REFUSED) from None
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
