"""Every mode's sentences, problems and settings are told in Chinese too, whole."""

import re

import pytest
from django.utils import translation

from tenant_apps.modes import describing, line_awards, sentences, worst_case
from tenant_apps.modes.contract import GIFT_PACK_ZONE, Award, Channel, LineFacts, Told
from tenant_apps.modes.registry import MODES, SETTINGS

TOLD = Told(order="20261122-1", product="龙井", buyer="李**")
ENGLISH = re.compile(r"[A-Za-z]{3,}")


def every_award(key: str) -> list[Award]:
    """Awards of a mode from lines that it takes, everybody above the buyer holding a rank, every area held."""
    values = {"enabled": True, "products": ("p",)} if key == "link21" else {}
    settings = {key: SETTINGS[key](**values)}
    zones = ("self_operated", GIFT_PACK_ZONE)
    lines = [LineFacts(line="line", level_amount=10000, product="p", zone=zone) for zone in zones]
    return [award for line in lines for award in line_awards.awards_of_line(settings, line, worst_case.everybody())]


@pytest.mark.parametrize("key", list(MODES))
def test_whole_in_chinese(key: str) -> None:
    mode, channel = MODES[key], Channel()
    on = {"enabled": True} if "enabled" in mode.settings.model_fields else {}
    with translation.override("zh-hans"):
        said = [sentences.render(mode.explain(award, TOLD)) for award in every_award(key)]
        problems = [sentences.render_problem(one) for one in mode.validate(mode.settings(**on), channel)]
        told = [label + value for label, value in describing.described(key, mode.settings().model_dump(mode="json"))]
    for text in [*said, *problems, *told]:
        assert not ENGLISH.search(text.replace("SKU", "")), text
