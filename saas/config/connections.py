"""Connections of processes that work in the background: one a thread or child, kept over many pieces of work.

A new backend knows no table yet, which costs several times what most handlers do.
"""

import select

from django.db import close_old_connections, connections

_SECONDS = 1800


def keep_one() -> None:
    """No pool, no sockets of a parent process: each thread of this process keeps one connection for half an hour."""
    for connection in connections.all():
        connection.connection = None
        connection.settings_dict["OPTIONS"].pop("pool", None)  # shared by the threads of the process
        connection.settings_dict["CONN_MAX_AGE"] = _SECONDS


def make_usable() -> None:
    """Before a piece of work: close what is too old, has failed, or has heard from a server that should be silent."""
    close_old_connections()
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and select.select([connection.connection.fileno()], [], [], 0)[0]:
            connection.close()  # the server said something between two statements: it is gone
