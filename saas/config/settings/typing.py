"""For the type checker alone: the apps of both roles at once, so that every model has its fields and managers."""

from saas.config.settings.base import CONTROL_APPS, SHARED_APPS, TENANT_APPS
from saas.config.settings.test import *  # noqa: F403
from saas.config.settings.test import INSTALLED_APPS as _OF_THE_CELL

INSTALLED_APPS = list(dict.fromkeys([*_OF_THE_CELL, *SHARED_APPS, *TENANT_APPS, *CONTROL_APPS]))
