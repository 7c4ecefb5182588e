"""Keys of the business presets (P15): what signup offers, control stores and a new mall's cell publishes. Pure.

What a preset contains is tenant_apps.modes.presets; `preset_figures.json` beside this file is made from it.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

KEYS = (
    "brand_promoters",
    "community_stores",
    "group_leaders",
    "merchant_alliance",
    "points_mall",
    "wholesale",
)
FIGURES = Path(__file__).with_name("preset_figures.json")


@cache
def figures() -> dict[str, Any]:
    """Who earns what on a 100-yuan order under each preset, in each language; computed by the real rules."""
    found: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return found
