"""Scenario files: production money rules on the facts of a file, without a database or a clock (`mall scenario`)."""

from saas.runtime.scenario.refusals import ScenarioRefused
from saas.runtime.scenario.running import run

__all__ = ["ScenarioRefused", "run"]
