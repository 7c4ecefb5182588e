"""Production: TLS in front, no sandbox."""

import os

os.environ["ENVIRONMENT"] = "production"  # base derives limits, gateways and the mailbox from it

from saas.config.settings.base import *  # noqa: F403

DEBUG = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
REFERRAL_COOKIE_NAME = "__Host-referral"
SECURE_HSTS_SECONDS = 31_536_000
