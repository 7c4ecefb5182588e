"""The web entry point of a role."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.base")

from django.conf import settings

from saas.config import memory, reports
from saas.config.celery import app as celery_app  # noqa: F401

reports.install()
application = get_wsgi_application()
_ = get_resolver().url_patterns  # every view is loaded before the first request, and before what is loaded is set aside
memory.settle()
if settings.ROLE == "cell":
    from saas.tenants.malls import traffic

    traffic.begin()
