"""Where an installation keeps its own: data, sockets, logs. One folder, `MALL_HOME`."""

import hashlib
import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def home() -> Path:
    """`MALL_HOME`, else a folder of this checkout's own under the user's data directory (root: /var/lib)."""
    given = os.environ.get("MALL_HOME")
    if given:
        return Path(given)
    name = "mallwright-" + hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]
    if os.geteuid() == 0:
        return Path("/var/lib") / name
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / name
