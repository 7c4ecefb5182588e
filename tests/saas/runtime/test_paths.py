"""Folders and ports."""

import os
import socket

import pytest

from saas.runtime import paths
from saas.runtime.paths import UnsafeFolder


def test_a_taken_port_gives_the_next_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not paths.port_is_free(port)
        assert paths.free_port(port) > port
        assert paths.free_port(port, taken=frozenset({port + 1})) > port + 1


def test_a_short_socket_path_stays_where_it_is_wanted(tmp_path):
    assert paths.socket_folder(tmp_path, "redis.sock") == tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to give a folder away")
def test_a_folder_of_somebody_else_is_not_used_for_sockets(tmp_path):
    folder = tmp_path / "sockets"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(UnsafeFolder):
        paths.private_folder(folder)


def test_a_link_is_not_used_for_sockets(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UnsafeFolder):
        paths.private_folder(tmp_path / "link")
