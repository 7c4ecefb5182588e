"""For mypy alone: the apps of every role at once, so that all models are known. No process runs with this."""

from saas.config.settings.base import CONTROL_APPS
from saas.config.settings.test import *  # noqa: F403
from saas.config.settings.test import INSTALLED_APPS as CELL_APPS

INSTALLED_APPS = list(dict.fromkeys([*CELL_APPS, *CONTROL_APPS]))
