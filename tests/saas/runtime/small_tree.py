"""`python -m tests.saas.runtime.small_tree HOME`: a supervisor over two small processes, for tests that kill it."""

import os
import sys
from pathlib import Path

from saas.runtime.processes import Child
from saas.runtime.servers import Servers
from saas.runtime.supervisor import Supervisor

_PARENT = "import subprocess, time; subprocess.Popen(['sleep', '600']); print('up', flush=True); time.sleep(600)"


def main() -> None:
    """Run until told to stop."""
    servers = Servers(Path(sys.argv[1]))
    servers.join()
    children = [
        Child("parent", (sys.executable, "-c", _PARENT), dict(os.environ)),
        Child("plain", ("sleep", "600"), dict(os.environ)),
    ]
    Supervisor(servers, children).run()


if __name__ == "__main__":
    main()
