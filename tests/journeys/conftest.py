"""A whole installation, made from nothing for the journeys: real servers, workers, relay, sandbox, and Chromium."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from saas.runtime.paths import PROJECT, free_port
from tests import environment

ARTEFACTS = PROJECT / "tests" / "artefacts"
# One dot a pixel: Chromium draws without a graphics card, and pictures of four times the dots take four times as long.
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 860}}
# What a busy machine may take for one step; a step that works waits for none of it.
PATIENCE = 120_000  # milliseconds
expect.set_options(timeout=PATIENCE)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@dataclass
class Installation:
    """Where it answers, and its folder."""

    home: Path
    control: int
    cell: int
    sandbox: int
    process: subprocess.Popen | None

    def site(self, path: str = "/") -> str:
        """An address of the platform's own site."""
        return f"http://localhost:{self.control}{path}"

    def mall(self, subdomain: str, path: str = "/") -> str:
        """An address of a mall."""
        return f"http://{subdomain}.localhost:{self.cell}{path}"

    def run(self, *arguments: str) -> str:
        """Run the `mall` command over this installation; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "saas.runtime", *arguments],
            env=own_environment(self.home),
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"mall {' '.join(arguments)}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def latest_code(self, person: "Person", address: str) -> str:
        """The newest six-digit code in the mailbox page at `address`."""
        found = re.search(r"(?<!\d)\d{6}(?!\d)", person.text_of(address).partition("<main")[2])
        assert found, f"no code in {address}"
        return found.group()


def own_environment(home: Path) -> dict[str, str]:
    """The variables of a shell that has never heard of the tests' own databases."""
    named = ("PATH", "HOME", "USER", "LANG", "VIRTUAL_ENV", "TMPDIR", "XDG_RUNTIME_DIR")
    return {name: os.environ[name] for name in named if name in os.environ} | {
        "MALL_HOME": str(home),
        "ENVIRONMENT": "demo",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """`mall up` in an empty folder; ended with Ctrl-C, as a person would. MALL_JOURNEY_HOME names one that runs already.

    Only the text of the malls' template is there before, where the tests' own databases needed it: same sources, same text.
    """
    if given := os.environ.get("MALL_JOURNEY_HOME"):
        found = json.loads((Path(given) / "running.json").read_text())
        yield Installation(Path(given), found["control"], found["cell"], found["sandbox"], None)
        return
    made = begin(Path(f"{environment.HOME}-journey"), environment.PORTS, share=[environment.HOME / "templates"])
    ready(made)
    yield made
    end(made)


@pytest.fixture(scope="module")
def elsewhere(installation: Installation) -> Iterator[Installation]:
    """A second installation with servers, databases and a secret of its own; begun, not waited for (`ready`).

    Only what is made of the same sources is the first one's: the text of the malls' template, and the static files.
    """
    made = begin(
        Path(f"{environment.HOME}-journey-2"),
        18500,
        share=[installation.home / "templates", installation.home / "static"],
    )
    yield made
    end(made)


def begin(home: Path, first_port: int, *, share: Sequence[Path] = ()) -> Installation:
    """`mall up` in an emptied folder, with copies of folders that another one has made already."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for folder in share:
        if folder.exists():
            shutil.copytree(folder, home / folder.name)
        if folder.name == "static":
            stamps = json.loads((folder.parent / "prepared.json").read_text())
            kept = {name: stamp for name, stamp in stamps.items() if name.startswith("static.")}
            (home / "prepared.json").write_text(json.dumps(kept))
    ports = {
        name: free_port(first_port + offset, host="127.0.0.1")
        for name, offset in (("control", 0), ("cell", 1), ("sandbox", 2))
    }
    log = (home / "up.log").open("w")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "saas.runtime",
            "up",
            *(part for name, port in ports.items() for part in (f"--{name}-port", str(port))),
        ],
        env=own_environment(home),
        cwd=PROJECT,
        stdout=log,
        stderr=log,
    )
    return Installation(home, process=process, **ports)


def ready(made: Installation) -> None:
    """Wait until every part of it answers."""
    running = made.home / "running.json"
    for _ in range(6000):
        assert made.process.poll() is None, (made.home / "up.log").read_text()[-3000:]
        if running.exists() and (told := running.read_text().strip()):
            found = json.loads(told)  # it may have had to take other ports than it was asked for
            made.control, made.cell, made.sandbox = found["control"], found["cell"], found["sandbox"]
            if all(answers(port) for port in (made.control, made.cell, made.sandbox)):
                return
        time.sleep(0.1)
    end(made)
    raise AssertionError("not running after ten minutes: " + (made.home / "up.log").read_text()[-3000:])


def end(made: Installation) -> None:
    """Ctrl-C, as a person would."""
    made.process.send_signal(signal.SIGINT)
    made.process.wait(timeout=400)


def answers(port: int) -> bool:
    """Whether something speaks HTTP there."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/_health")
        connection.getresponse()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless. Module scope: while it is open its event loop runs in this thread, where the ORM refuses."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-quic",
            ],
        )
        yield browser
        browser.close()


def text_of(page: Page, address: str) -> str:
    """What an address answers to the person of a page, not drawn. By number: a browser alone knows names of localhost."""
    parts = urlsplit(address)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies(address))
    asked = urlunsplit(parts._replace(netloc=f"127.0.0.1:{parts.port}"))
    return httpx.get(asked, headers={"Host": parts.netloc, "Cookie": cookies}, timeout=120, trust_env=False).text


class Person:
    """Somebody with a browser of their own; `see` keeps a picture."""

    def __init__(self, browser: Browser, name: str, device: dict) -> None:
        self.name = name
        self.context: BrowserContext = browser.new_context(locale="zh-CN", reduced_motion="reduce", **device)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))
        self.page.on(
            "console",
            lambda message: self.errors.append(f"{self.page.url}: {message.text}") if message.type == "error" else None,
        )
        self._count = 0

    def text_of(self, address: str) -> str:
        """What the page at an address holds for this person, asked for without drawing it."""
        return text_of(self.page, address)

    def see(self, what: str) -> None:
        """Keep a screenshot as an artefact of the run."""
        self._count += 1
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        path = ARTEFACTS / f"{self.name}-{self._count:02d}-{what}.png"
        for attempt in range(5):
            self.page.wait_for_load_state()
            try:
                self.page.screenshot(path=path)
                return
            except PlaywrightError:  # Chromium cannot draw a page that is just being replaced by the next
                if attempt == 4:
                    raise
                self.page.wait_for_timeout(500)


@pytest.fixture
def person(chromium: Browser) -> Iterator[object]:
    """`person("owner", phone=False)`: somebody new."""
    people: list[Person] = []

    def make(name: str, *, phone: bool = True) -> Person:
        people.append(Person(chromium, name, PHONE if phone else DESKTOP))
        return people[-1]

    yield make
    for one in people:
        one.context.close()
