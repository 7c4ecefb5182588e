"""Client processes of a bench that are made ready one by one and start together."""

import subprocess
import sys

from saas.runtime import environment, paths
from saas.runtime.bench import Bench


def run_together(bench: Bench, module: str, *arguments: str, clients: int) -> list[list[str]]:
    """Run `python -m module arguments number` in as many processes of the cell's role; what each printed, as words.

    A client prints a line when it is ready, and waits for one to begin.
    """
    values = environment.process_environment("cell", bench.home, {"LOG_LEVEL": "ERROR", "DATABASE_POOL": "1"})
    crowd = [
        subprocess.Popen(
            [sys.executable, "-m", module, *arguments, str(number)],
            env=values,
            cwd=paths.PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(clients)
    ]
    for client in crowd:
        assert client.stdout is not None
        client.stdout.readline()
    for client in crowd:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.flush()
    return [client.communicate()[0].split() for client in crowd]
