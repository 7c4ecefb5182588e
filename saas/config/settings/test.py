"""Tests: the same code and the same kinds of servers; quick password hashes, plain static files."""

from saas.config.settings.base import *  # noqa: F403
from saas.config.settings.base import STORAGES, TEMPLATES

ENVIRONMENT = "test"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
TEMPLATES = TEMPLATES
