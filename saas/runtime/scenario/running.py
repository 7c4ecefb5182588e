"""From a file to its answer: read it, check every key, run the kind that it names."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from saas.runtime.scenario import joins, orders, pools
from saas.runtime.scenario.files import Link21Scenario
from saas.runtime.scenario.refusals import ScenarioRefused, refused


def run(text: str) -> dict[str, Any]:
    """The answer to a scenario file. Raises ScenarioRefused."""
    content = _content(text)
    kind = content.get("kind")
    try:
        if kind == "order":
            return orders.run(orders.OrderScenario.model_validate(content))
        if kind == "link21":
            return joins.run(Link21Scenario.model_validate(content))
        if kind == "subsidy":
            return pools.run_subsidy(pools.SubsidyScenario.model_validate(content))
        if kind == "projection":
            return pools.run_projection(pools.ProjectionScenario.model_validate(content))
    except ValidationError as error:
        raise refused(error) from None
    raise ScenarioRefused(f"kind: {json.dumps(kind)} is none of order, subsidy, projection, link21")


def _content(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ScenarioRefused(f"file: no JSON ({error.msg}, line {error.lineno})") from None
    except (ValueError, RecursionError):
        raise ScenarioRefused("file: a number or a nesting beyond any use") from None
    if not isinstance(content, dict):
        raise ScenarioRefused("file: one JSON object is needed")
    return content


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ScenarioRefused(f"{key}: given twice")
        found[key] = value
    return found
