"""Which modes work on a line, and what they award before the pot cuts (MODES 1, steps 3 to 7). Pure."""

from collections.abc import Mapping
from typing import Any

from tenant_apps.modes.contract import Award, LineFacts, SaleFacts
from tenant_apps.modes.registry import MODES


def modes_of_line(settings: Mapping[str, Any], line: LineFacts) -> list[str]:
    """Keys of the modes that work on a line, in the order in which its pot pays them. `settings`: mode → its settings."""
    taking = [key for key, mode in MODES.items() if key in settings and mode.takes(settings[key], line)]
    replaced = {key for taken in taking for key in MODES[taken].replaces}
    return [key for key in taking if key not in replaced]


def awards_of_line(settings: Mapping[str, Any], line: LineFacts, sale: SaleFacts) -> list[Award]:
    """Awards of every mode for a line, in the order of the pot, not cut to it yet."""
    return [award for key in modes_of_line(settings, line) for award in MODES[key].award(settings[key], line, sale)]
