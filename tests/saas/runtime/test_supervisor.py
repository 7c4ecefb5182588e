"""One tree of processes: restarted when one dies, gone when the supervisor goes, however it goes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from saas.runtime.paths import PROJECT
from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis
from saas.runtime.supervisor import rotate
from tests.saas.runtime.conftest import alive, own_place

pytestmark = pytest.mark.usefixtures("clean_environment")


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    found = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has just ended
        return []
    for child in children:
        found += [int(child), *descendants(int(child))]
    return found


def sleepers(pid: int) -> list[int]:
    def is_sleep(one: int) -> bool:
        try:
            return b"sleep" in Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:
            return False

    return [one for one in descendants(pid) if is_sleep(one)]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """One home for all trees here: to make a cluster takes longer than what is tested."""
    with own_place() as folder:
        yield folder


@pytest.fixture
def tree(place) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.saas.runtime.small_tree", str(place)], cwd=PROJECT, start_new_session=True
    )
    wait_for(lambda: len(sleepers(process.pid)) == 3 and Postgres(place).running() and Redis(place).answers())
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()
    wait_for(lambda: not Postgres(place).running() and not Redis(place).answers())  # the guardian's work


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_when_the_supervisor_ends(tree, place, number):
    pids = descendants(tree.pid)
    assert len(pids) >= 4
    os.kill(tree.pid, number)
    tree.wait(60)
    wait_for(lambda: not [pid for pid in pids if alive(pid)])
    wait_for(lambda: not Postgres(place).running() and not Redis(place).answers())


def test_a_killed_child_comes_back_and_leaves_no_grandchild(tree):
    parent = next(pid for pid in sleepers(tree.pid) if descendants(pid))
    [grandchild] = descendants(parent)
    os.kill(parent, signal.SIGKILL)
    wait_for(lambda: not alive(grandchild))
    wait_for(lambda: len(sleepers(tree.pid)) == 3)
    assert parent not in sleepers(tree.pid)


def test_killed_servers_come_back(tree, place):
    server = Postgres(place)
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    wait_for(lambda: not server.running())
    wait_for(server.running)
    Redis(place).stop()
    wait_for(Redis(place).answers)


def test_servers_stay_for_another_user_of_them(tree, place):
    other = subprocess.Popen(
        [sys.executable, "-m", "tests.saas.runtime.small_tree", str(place)], cwd=PROJECT, start_new_session=True
    )
    wait_for(lambda: len(sleepers(other.pid)) == 3)
    os.kill(tree.pid, signal.SIGTERM)
    tree.wait(60)
    assert Postgres(place).running()
    os.kill(other.pid, signal.SIGTERM)
    other.wait(60)
    assert not Postgres(place).running()


def test_a_long_log_is_put_aside_and_its_writer_goes_on(tmp_path):
    path = tmp_path / "web.log"
    with path.open("ab", buffering=0) as log:
        log.write(b"x" * 100)
        rotate(path, 50)
        log.write(b"next")
    assert path.read_bytes() == b"next"
    assert (tmp_path / "web.log.1").read_bytes() == b"x" * 100
