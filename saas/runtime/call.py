"""`python -m saas.runtime.call ROLE package.module.function [JSON]`: one function in a process of its own, in a role.

The runtime holds no Django of its own, since a process has one role: whatever needs the database is called so. The
function's answer, which must be JSON, is written as the last line; a DomainError becomes its text and exit code 3.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from saas.runtime import environment, paths

REFUSED = 3
_TOLD, _ANSWER = "told: ", "answer: "
_under_way: set[subprocess.Popen[str]] = set()


class CallFailed(RuntimeError):
    """The called function raised; the message is the end of its traceback."""


class CallRefused(RuntimeError):
    """The called function refused (a DomainError); the message is its text."""


def call(
    role: str,
    function: str,
    home: Path,
    *,
    migrating: bool = False,
    extra: Mapping[str, str] | None = None,
    progress: Callable[[str], None] | None = None,
    **data: Any,
) -> Any:
    """Call `function` (dotted) in a process of `role` with keyword arguments; its answer.

    `migrating` opens the role's database as its owner; `extra` adds to the environment; `progress` hears each line that
    the function tells. Raises CallRefused for a DomainError, CallFailed for anything else.
    """
    values = environment.process_environment(role, home, extra, owner=True)
    if migrating:
        values = environment.as_owner(role, values)
    process = subprocess.Popen(
        [sys.executable, "-m", "saas.runtime.call", role, function, json.dumps(data)],
        env=values,
        cwd=paths.PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    _under_way.add(process)
    lines: list[str] = []
    try:
        for line in process.stdout or ():
            if line.startswith(_TOLD):
                (progress or lines.append)(line.removeprefix(_TOLD).rstrip("\n"))
            else:
                lines.append(line)
        code = process.wait()
    finally:
        _under_way.discard(process)
    if code == REFUSED:
        raise CallRefused(lines[-1].strip())
    if code or not lines or not lines[-1].startswith(_ANSWER):
        raise CallFailed(f"{role}: {function}:\n{''.join(lines).strip()[-3000:]}")
    return json.loads(lines[-1].removeprefix(_ANSWER))


def tell(line: str) -> None:
    """From inside a called function: a line for the caller's `progress`."""
    print(f"{_TOLD}{line}", flush=True)


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
        print(error.text)
        raise SystemExit(REFUSED) from None
    print(f"{_ANSWER}{json.dumps(answer)}")


if __name__ == "__main__":
    main()
