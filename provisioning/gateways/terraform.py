"""Terraform as a program: variables written, a plan made and kept, that very plan applied, all of it logged.

Nothing secret passes through here: secrets are named by ARN in the configuration and filled elsewhere.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOG_LIMIT = 200_000
_SECONDS = 3600


class TerraformMissing(RuntimeError):
    """There is no terraform on this machine."""


class TerraformFailed(RuntimeError):
    """A command ended with an error. `log` holds everything it printed, `command` its name."""

    def __init__(self, command: str, code: int, log: str) -> None:
        super().__init__(f"terraform {command} ended with {code}")
        self.command, self.log = command, log


class PlanChanged(RuntimeError):
    """The plan's file is not the one that was looked at: gone, or another one."""


class Busy(RuntimeError):
    """Another process works on this installation now."""


@dataclass(frozen=True)
class Plan:
    """What a plan would do: resources to add, change, destroy; `digest` of its file; what was printed."""

    digest: str
    add: int
    change: int
    destroy: int
    log: str


class Terraform:
    """One root module, with a work folder of its own for variables, plans and the lock."""

    def __init__(self, *, module: Path, work: Path, backend: Mapping[str, str] | None = None) -> None:
        self._module, self._work, self._backend = module, work, dict(backend or {})

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process off this installation; a killed one lets go by itself. Raises Busy."""
        self._work.mkdir(parents=True, exist_ok=True)
        with (self._work / "lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Busy(f"another process works in {self._work}") from None
            yield

    def plan(self, name: str, variables: Mapping[str, Any], *, destroy: bool = False) -> Plan:
        """Write the variables, make a plan called `name` and keep it. Raises TerraformMissing, TerraformFailed."""
        self._work.mkdir(parents=True, exist_ok=True)
        file = self._work / f"{name}.tfvars.json"
        file.write_text(json.dumps(variables, indent=2, sort_keys=True))
        backend = [f"-backend-config={key}={value}" for key, value in self._backend.items()]
        log = self._run("init", "-input=false", *backend)
        kind = ["-destroy"] if destroy else []
        plan_file = self._plan_file(name)
        log += self._run("plan", "-input=false", "-lock-timeout=30s", f"-var-file={file}", f"-out={plan_file}", *kind)
        actions = [
            set(change["change"]["actions"])
            for change in json.loads(self._run("show", "-json", str(plan_file))).get("resource_changes", [])
        ]
        return Plan(
            digest=hashlib.sha256(plan_file.read_bytes()).hexdigest(),
            add=sum("create" in one for one in actions),
            change=sum("update" in one for one in actions),
            destroy=sum("delete" in one for one in actions),
            log=log[-_LOG_LIMIT:],
        )

    def apply(self, name: str, *, digest: str) -> str:
        """Apply the kept plan, which must still be the one with this digest; what was printed.

        Raises PlanChanged, TerraformMissing, TerraformFailed. What was made before a failure is in Terraform's state.
        """
        file = self._plan_file(name)
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise PlanChanged(f"{file.name} is gone or is not the plan that was approved")
        log = self._run("apply", "-input=false", "-lock-timeout=30s", str(file))
        file.unlink()
        return log[-_LOG_LIMIT:]

    def _plan_file(self, name: str) -> Path:
        return self._work / f"{name}.tfplan"

    def _run(self, command: str, *arguments: str) -> str:
        binary = shutil.which("terraform")
        if binary is None:
            raise TerraformMissing("terraform 1.11 or newer is not on this machine's PATH")
        done = subprocess.run(
            [binary, f"-chdir={self._module}", command, *([] if command == "show" else ["-no-color"]), *arguments],
            env={
                **os.environ,
                "TF_IN_AUTOMATION": "1",
                "CHECKPOINT_DISABLE": "1",
                "TF_DATA_DIR": str(self._work / "data"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if command == "show" else subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise TerraformFailed(command, done.returncode, (done.stdout + (done.stderr or ""))[-_LOG_LIMIT:])
        return done.stdout
