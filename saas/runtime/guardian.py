"""`python -m saas.runtime.guardian HOME`: outlives the supervisor and cleans up after it.

Reads `+pid` and `-pid` lines from its standard input; at its end, which comes however the supervisor dies, it ends the
process groups that are left, and stops the embedded servers unless another process uses them.
"""

import signal
import sys
from pathlib import Path

from saas.runtime.servers import Servers
from saas.runtime.supervisor import end_groups


def main() -> None:
    """Wait for the end of standard input, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        pid = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(pid)
    end_groups(sorted(groups))
    Servers(Path(sys.argv[1])).stop_if_unused()


if __name__ == "__main__":
    main()
