"""Kind `link21`: members joining one after another, by the rules that settlement runs at completion."""

from typing import Any

from pydantic import ValidationError

from saas.runtime.scenario.files import Link21Scenario
from saas.runtime.scenario.plans import ELSEWHERE
from saas.runtime.scenario.refusals import ScenarioRefused, refused
from tenant_apps.modes.contract import Refusal
from tenant_apps.modes.link21 import rules
from tenant_apps.modes.link21.settings import Link21Settings
from tenant_apps.modes.registry import MODES


def run(scenario: Link21Scenario) -> dict[str, Any]:
    """The answer. Raises ScenarioRefused."""
    settings = _settings(scenario)
    people: dict[str, rules.Person] = {}
    awards = []
    for number, join in enumerate(scenario.joins):
        sponsor = join.sponsor or ""
        if sponsor and sponsor not in people:
            raise ScenarioRefused(f"joins.{number}.sponsor: {sponsor} has not joined")
        joined = rules.join(settings, people, join.member, sponsor)
        people.update({person.member: person for person in joined.changed})
        awards.append([{"payee": due.payee, "kind": due.kind, "amount": due.amount} for due in joined.dues])
    return {
        "awards": awards,
        "roles": {name: person.role.value for name, person in people.items()},
        "anchors": {name: person.anchor or None for name, person in people.items()},
    }


def _settings(scenario: Link21Scenario) -> Link21Settings:
    try:
        settings = Link21Settings.model_validate({"enabled": True, **scenario.settings.model_dump()})
    except ValidationError as error:
        raise refused(error, under="settings") from None
    for problem in MODES["link21"].validate(settings, ELSEWHERE):
        if isinstance(problem, Refusal):
            raise ScenarioRefused(f"settings.{problem.field}: {problem.message.format(**problem.data)}")
    return settings
