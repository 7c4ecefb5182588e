"""The faults that `mall doctor` knows by name. docs/troubleshooting.md has a section for each; a test compares."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong. `is_fatal`: the installation does not work with it."""

    title: str
    mend: str
    is_fatal: bool = True


@dataclass(frozen=True)
class Finding:
    """A fault that was found here. `detail` says where."""

    code: str
    detail: str

    @property
    def fault(self) -> Fault:
        return FAULTS[self.code]

    @property
    def is_fatal(self) -> bool:
        return self.fault.is_fatal


FAULTS: dict[str, Fault] = {
    "python-version": Fault("This Python is not supported", "make clean setup PYTHON=python3.11"),
    "packages-drifted": Fault(
        "Installed packages differ from requirements.lock", "rm -f .venv/.done && make setup", is_fatal=False
    ),
    "packages-missing": Fault("Packages of requirements.lock are missing", "rm -f .venv/.done && make setup"),
    "account-nameless": Fault(
        "This user id has no name, and PostgreSQL refuses to run for it", "run as a user that /etc/passwd lists"
    ),
    "setpriv-missing": Fault(
        "Root cannot hand the database server to its own account", "apt-get install util-linux, or run as another user"
    ),
    "home-unwritable": Fault(
        "The installation's folder cannot be written", "chown it to this user, or set MALL_HOME to another folder"
    ),
    "home-closed": Fault(
        "The database server's account cannot enter the installation's folder",
        "chmod o+x the folder named, or set MALL_HOME to one outside private folders",
    ),
    "socket-folder": Fault(
        "The folder for sockets belongs to somebody else", "remove the folder named, or set a shorter MALL_HOME"
    ),
    "disk-full": Fault("The disk is nearly full", "free some space, or set MALL_HOME to a folder on another disk"),
    "memory-low": Fault(
        "Little memory is free", "stop other programs: the demo wants 2 GB, the tests 4 GB", is_fatal=False
    ),
    "port-taken": Fault(
        "Another program listens on a preferred port",
        "nothing to do: the next free port is taken; or stop that program, or name a port: mall up --cell-port 8200",
        is_fatal=False,
    ),
    "chromium-missing": Fault("No Chromium, which the journey tests drive", "apt-get install chromium", is_fatal=False),
    "fonts-missing": Fault(
        "No Chinese font: posters and test screenshots show boxes", "apt-get install fonts-noto-cjk", is_fatal=False
    ),
    "pango-missing": Fault(
        "No Pango: invoices can be printed as pages, not as PDF",
        "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        is_fatal=False,
    ),
    "secret-readable": Fault(
        "Other users of this machine can read a secret", "chmod 600 the file named, then consider the secret known"
    ),
    "messages-stale": Fault(
        "Translations are newer than their compiled form", "make setup, or start again", is_fatal=False
    ),
    "static-missing": Fault(
        "Static files were never collected, or have changed since", "mall up collects them", is_fatal=False
    ),
    "urls-partial": Fault(
        "Some server URLs are set and some are not",
        "set CONTROL_DATABASE_URL, DATABASE_URL and REDIS_URL, or none of them",
    ),
    "postgres-version": Fault(
        "The data folder was made by another version of PostgreSQL",
        "dump it with that version and load it with this one, or move the folder away",
    ),
    "postgres-down": Fault(
        "PostgreSQL does not start or answer", "read the log named; a damaged cluster is restored from a backup"
    ),
    "redis-down": Fault("Redis does not start or answer", "read the log named; it holds nothing that must be kept"),
    "owner-url-missing": Fault(
        "No owner's URL: migrations and provisioning cannot run",
        "set CONTROL_DATABASE_OWNER_URL and DATABASE_OWNER_URL",
    ),
    "migrations-pending": Fault("A database lacks migrations", "start again: mall up migrates first", is_fatal=False),
    "template-stale": Fault(
        "The schema template is not built for these migrations", "mall up builds it (20 s)", is_fatal=False
    ),
    "malls-behind": Fault(
        "Malls were made from older migrations than the code's", "make them anew, or migrate their schemas"
    ),
    "clock-apart": Fault(
        "This machine's clock and the database's disagree, or are wrong", "turn on time synchronisation (NTP)"
    ),
    "events-late": Fault(
        "Events wait that should have been delivered", "is the worker running? see worker-silent", is_fatal=False
    ),
    "events-stuck": Fault(
        "Events have failed as often as is tried", "read last_error of the rows named; mend; set attempts = 0"
    ),
    "web-silent": Fault("A web process does not answer", "read the log named, then restart with mall up"),
    "worker-silent": Fault("A worker does not answer", "read the log named, then restart with mall up"),
}
