"""Whatever somebody puts into a scenario file: an answer, or one refusal that names a key. Never a traceback."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from saas.runtime import scenario
from tests.cases import cases
from tests.saas.runtime.test_scenario_modes import SAMPLE

LINE = {
    "kind": "link21",
    "settings": {"direct_fen": 1, "see_fen": 2, "need_directs": 2, "max_depth": 3},
    "joins": [{"member": "A"}, {"member": "B", "sponsor": "A"}],
}
JUNK: list[Any] = [None, True, -1, 0, 4, 10**7, 2**54, 10**30, 1.5, float("nan"), "", "A", "\ud800", "a\nb", [], {}]
JUNK += [[1], [None], {"a": 1}, [{}], "gift_pack", "concession"]


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a file with each of its keys."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
    for key in keys:
        yield node, key
        yield from places(node[key])


@pytest.mark.parametrize("seed", range(cases(10)))
def test_junk_is_answered_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    for _number in range(100):
        content = copy.deepcopy(chance.choice([SAMPLE, LINE]))
        for _change in range(chance.choice([1, 1, 2])):
            node, key = chance.choice(list(places(content)))
            if isinstance(node, dict) and chance.random() < 0.2:
                key = chance.choice(["x", "1", "amount", "rate_ppm", ""])
            if chance.random() < 0.85 or key not in node:
                node[key] = copy.deepcopy(chance.choice(JUNK))
            else:
                del node[key]
        try:
            json.dumps(scenario.run(json.dumps(content)))
        except scenario.ScenarioRefused as refused:
            key, colon, reason = str(refused).partition(": ")
            assert key
            assert colon
            assert reason
