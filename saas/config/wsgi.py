"""The web entry point of a role."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.base")

from saas.config.celery import app as celery_app  # noqa: F401

application = get_wsgi_application()
