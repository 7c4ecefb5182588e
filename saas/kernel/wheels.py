"""Where the files of an installed wheel lie, without importing it (two of ours do work at import)."""

import importlib.util
from pathlib import Path


def wheel_folder(package: str) -> Path:
    """The folder of an installed package. Raises ModuleNotFoundError."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return Path(found.submodule_search_locations[0])
