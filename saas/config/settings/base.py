"""Settings of every role. ROLE picks the apps and the one database of a process: control, cell or relay (DESIGN 3)."""

from pathlib import Path

from django.templatetags.static import static
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from saas.config import env

BASE_DIR = Path(__file__).resolve().parents[3]
ROLE = env.text("ROLE", "cell")
if ROLE not in ("control", "cell", "relay"):
    raise env.MissingSetting(f"ROLE must be control, cell or relay, not {ROLE!r}")
CELL = env.text("CELL", "c1")
ENVIRONMENT = env.text("ENVIRONMENT", "demo")  # demo | test | production
DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY")
HOME = Path(env.text("MALL_HOME", str(BASE_DIR / ".var")))

# --- addresses -----------------------------------------------------------------------------------------------------
PLATFORM_DOMAIN = env.text("PLATFORM_DOMAIN", "localhost")  # malls live at <subdomain>.PLATFORM_DOMAIN
CONTROL_ORIGIN = env.text("CONTROL_ORIGIN", "http://localhost:8000")
MALL_SCHEME = env.text("MALL_SCHEME", "http")
MALL_PORT = env.text("MALL_PORT", "8100")  # empty in production
CELL_INTERNAL_ORIGIN = env.text(
    "CELL_INTERNAL_ORIGIN", f"http://127.0.0.1:{MALL_PORT}"
)  # where this cell's web answers
SANDBOX_ORIGIN = env.text("SANDBOX_ORIGIN", "http://127.0.0.1:8300")
AWS_ENDPOINT_URL = env.text("AWS_ENDPOINT_URL", "")  # another far end than AWS: tests, or a store that speaks S3
MEDIA_BUCKET = env.text("MEDIA_BUCKET", "")  # empty: files lie on disk
ALLOWED_HOSTS = ["*"]  # the mall registry decides (malls.middleware); control lists its own below
USE_X_FORWARDED_HOST = False

# --- vendors' own domains (docs/operators/domains.md) -----------------------------------------------------------------
DOMAIN_EDGE = env.text("DOMAIN_EDGE", "manual")  # who makes certificates: manual | caddy | aws
DOMAIN_EDGES = env.json_object("DOMAIN_EDGES")  # by cell: addresses, tls, listener, name, zone
DOMAIN_EDGE_CA_FILE = env.text("DOMAIN_EDGE_CA_FILE", "")  # of Caddy's own authority; empty: the system's
DOMAIN_FILING = env.text("DOMAIN_FILING", "auto")  # filing numbers: auto (cells in cn-…) | always | never
DNS_RESOLVERS = [one for one in env.text("DNS_RESOLVERS", "").split(",") if one]  # address or address#port
ROUTE53_ZONES = env.json_object("ROUTE53_ZONES")  # of further base domains: {"malls.example": "Z…"}
ROUTE53_ZONE_ID = env.text("ROUTE53_ZONE_ID", "")  # of PLATFORM_DOMAIN; empty: records are kept by hand
TLS_ASK_NETWORKS = env.text("TLS_ASK_NETWORKS", "127.0.0.0/8,::1/128").split(",")
TLS_ASK_UNKNOWN_PER_MINUTE = env.integer("TLS_ASK_UNKNOWN_PER_MINUTE", 600)

# --- the platform as a company: what vendors' invoices say -------------------------------------------------------------
PLATFORM_COMPANY = env.text("PLATFORM_COMPANY", "Mallwright")
PLATFORM_BANK = env.text("PLATFORM_BANK", "").replace("\\n", "\n")  # account holder, bank and number, as lines

# Before a vendor is verified: one mall, in rehearsal. Off, every vendor counts as verified.
VERIFICATION_REQUIRED = env.boolean("VERIFICATION_REQUIRED", ENVIRONMENT == "production")
FILING_REQUIRED = env.boolean("FILING_REQUIRED", ENVIRONMENT == "production")  # before a mall opens

# --- apps by role --------------------------------------------------------------------------------------------------
_FRAMEWORK = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
]
_SCREENS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.staticfiles",
]
_PEOPLE = ["allauth", "allauth.account", "saas.identity", "saas.ledger", "saas.messaging.notices", "saas.channels"]

SHARED_APPS = [
    "django_tenants",
    "saas.tenants.malls",
    "saas.tenants.jobs",
    "saas.messaging.bus",
    "provisioning.executor",
    "provisioning.rollouts",
    "provisioning.archives",
]
TENANT_APPS = [
    *_FRAMEWORK,
    "django.contrib.admin",
    *_PEOPLE,
    "saas.tenants.vault",
    "saas.tenants.senders",
    "tenant_apps.members",
    "tenant_apps.catalog",
    "tenant_apps.sellers",
    "tenant_apps.modes",
    "tenant_apps.modes.regional",
    "tenant_apps.modes.partner_membership",
    "tenant_apps.modes.gift_pack",
    "tenant_apps.modes.link21",
    "tenant_apps.modes.subsidy",
    "tenant_apps.modes.advertising",
    "tenant_apps.modes.coins",
    "tenant_apps.payments",
    "tenant_apps.promotions",
    "tenant_apps.orders",
    "tenant_apps.counter",
    "tenant_apps.courier",
    "tenant_apps.care",
    "tenant_apps.settlement",
    "tenant_apps.payouts",
    "tenant_apps.design",
    "tenant_apps.rehearsal",
    "tenant_apps.storefront",
    "tenant_apps.backoffice",
    "tenant_apps.seller_portal",
    *filter(None, env.text("EXTRA_TENANT_APPS", "").split(",")),  # an installation's own; rollouts are tried with one
]
CONTROL_APPS = [
    *_FRAMEWORK,
    *_PEOPLE,
    "saas.messaging.bus",
    "saas.tenants.vault",
    "saas.tenants.senders",
    "saas.tenants.platform",
    "saas.tenants.vendors",
    "saas.support",
    "billing",
    "provisioning.orchestrator",
    "provisioning.infrastructure",
    "provisioning.domains",
    "provisioning.lifecycle",
    "saas.website",
    "saas.account",
    "saas.console",
]

if ROLE == "cell":
    INSTALLED_APPS = list(dict.fromkeys([*_SCREENS, *SHARED_APPS, *TENANT_APPS, "django_htmx", "saas.config"]))
    ROOT_URLCONF = "saas.config.urls_cell"
    MIDDLEWARE_TENANT = ["saas.tenants.malls.ask.AskMiddleware", "saas.tenants.malls.middleware.MallMiddleware"]
    MIDDLEWARE_MEMBER = [
        "tenant_apps.members.middleware.MemberMiddleware",
        "tenant_apps.sellers.middleware.StoreMiddleware",
    ]
elif ROLE == "control":
    INSTALLED_APPS = list(dict.fromkeys([*_SCREENS, *CONTROL_APPS, "django_htmx", "saas.config"]))
    ROOT_URLCONF = "saas.config.urls_control"
    MIDDLEWARE_TENANT = []
    MIDDLEWARE_MEMBER = []
else:
    INSTALLED_APPS = ["saas.messaging.bus"]
    ROOT_URLCONF = "saas.config.urls_relay"
    MIDDLEWARE_TENANT = []
    MIDDLEWARE_MEMBER = []

TENANT_MODEL = "malls.Mall"
TENANT_DOMAIN_MODEL = "malls.Domain"
TENANT_LIMIT_SET_CALLS = True
PUBLIC_SCHEMA_NAME = "public"
AUTH_USER_MODEL = "identity.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- databases: one alias a process; only the relay sees both sides of the seam --------------------------------------
_POOL = {"min_size": 1, "max_size": env.integer("DATABASE_POOL", 6), "max_lifetime": 1800, "timeout": 10}


def _database(url_name: str, engine: str) -> dict[str, object]:
    pool = {} if ROLE == "relay" else {"pool": dict(_POOL)}  # the relay keeps one connection a side
    prepare = {"prepare_threshold": 2**31}  # none by counting; without a number saas.kernel.prepared prepares nothing
    return {
        "ENGINE": engine,
        **env.database(env.text(url_name)),
        "CONN_MAX_AGE": None if ROLE == "relay" else 0,
        "OPTIONS": {**pool, "application_name": f"mallwright-{ROLE}", "connect_timeout": 5, **prepare},
        "TEST": {"MIGRATE": False},
    }


if ROLE == "cell":
    DATABASES = {"default": _database("DATABASE_URL", "saas.tenants.backend")}
    DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
elif ROLE == "control":
    DATABASES = {"default": _database("CONTROL_DATABASE_URL", "django.db.backends.postgresql")}
else:
    DATABASES = {
        "default": _database("DATABASE_URL", "django.db.backends.postgresql"),
        "control": _database("CONTROL_DATABASE_URL", "django.db.backends.postgresql"),
    }

# --- Redis: cache and broker; money never depends on it ------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL")
_REDIS_OPTIONS = {  # a connection that the server closed is made anew at once; what is slow is not tried again
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "retry": Retry(NoBackoff(), 1, (RedisConnectionError,)),
}
CACHES = {
    "default": {
        "BACKEND": "saas.config.cache.PatientCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": _REDIS_OPTIONS,
        "KEY_PREFIX": CELL if ROLE == "cell" else ROLE,
    },
    # Registry look-ups before a mall is known. Everything else goes through `default`, keyed by schema.
    "public": {
        "BACKEND": "saas.config.cache.PatientCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": _REDIS_OPTIONS,
        "KEY_PREFIX": f"public.{CELL if ROLE == 'cell' else ROLE}",
    },
}
if ROLE == "cell":
    CACHES["default"]["KEY_FUNCTION"] = "django_tenants.cache.make_key"
    CACHES["default"]["REVERSE_KEY_FUNCTION"] = "django_tenants.cache.reverse_key"

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", REDIS_URL.replace("unix://", "redis+socket://"))
CELERY_TASK_DEFAULT_QUEUE = f"cell.{CELL}" if ROLE == "cell" else ROLE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, "socket_timeout": 2, "socket_connect_timeout": 2}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Asia/Shanghai"

# --- web -----------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "saas.config.health.HealthMiddleware",
    "saas.config.packing.PackingMiddleware",
    *MIDDLEWARE_TENANT,
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "saas.config.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    *MIDDLEWARE_MEMBER,
    "saas.config.errors.DomainErrorMiddleware",
]
if ROLE == "cell":
    MIDDLEWARE.append("tenant_apps.storefront.middleware.RehearsalMiddleware")
    MIDDLEWARE.append("saas.identity.support.SupportMiddleware")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["saas.config.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]
if ROLE == "cell":
    TEMPLATES[0]["OPTIONS"]["context_processors"].append("tenant_apps.storefront.context.brand")  # type: ignore[index]
if ROLE == "control":
    TEMPLATES[0]["OPTIONS"]["context_processors"].append("saas.tenants.platform.selectors.context")  # type: ignore[index]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'", SANDBOX_ORIGIN],
    }
}
if ROLE == "control":  # the door to a mall's back office is a form that ends at the mall's own host
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(
        f"{MALL_SCHEME}://*.{PLATFORM_DOMAIN}" + (f":{MALL_PORT}" if MALL_PORT else "")
    )
if MEDIA_BUCKET:  # staff's browsers send pictures there, with a form that the cell has signed
    _REGION = env.text("AWS_DEFAULT_REGION", "us-east-1")
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = ["'self'"] + (
        [AWS_ENDPOINT_URL]
        if AWS_ENDPOINT_URL
        else [f"https://{MEDIA_BUCKET}.s3.amazonaws.com", f"https://{MEDIA_BUCKET}.s3.{_REGION}.amazonaws.com"]
    )
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static" / ROLE  # the roles have different apps, so each its own manifest
MEDIA_STORAGE = "saas.tenants.malls.storage." + ("BucketStorage" if MEDIA_BUCKET else "DiskStorage")
STORAGES = {
    "default": {
        # Control brings files for cells to import: the storage is one for the installation.
        "BACKEND": MEDIA_STORAGE if ROLE in ("cell", "control") else "django.core.files.storage.FileSystemStorage",
    },
    "staticfiles": {"BACKEND": "saas.config.static.StaticStorage"},
}
MEDIA_ROOT = HOME / "media"
MEDIA_URL = "/media/"
POSTER_FONT = env.text("POSTER_FONT", "")  # a font with Chinese; else Noto Sans CJK where the system has it
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_ENGINE = "saas.identity.sessions" if ROLE == "cell" else "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 86400
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"

# --- people --------------------------------------------------------------------------------------------------------
if ROLE == "cell":
    AUTHENTICATION_BACKENDS = ["tenant_apps.members.backends.MemberBackend"]
    LOGIN_REDIRECT_URL, STAFF_HOME = "/me", "/backoffice/"
    BINDING_RULE = "tenant_apps.modes.binding.rule_in_force"
    SIGN_IN_HOOKS: tuple[str, ...] = (
        "tenant_apps.members.sign_in.on_sign_in",
        "tenant_apps.sellers.sign_in.on_sign_in",
    )
else:
    AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
    LOGIN_REDIRECT_URL, STAFF_HOME = "/account/", "/console/"
    SIGN_IN_HOOKS = ()
LOGIN_URL = "/auth/code/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "saas.identity.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone", "email"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "saas.identity.tokens.MallPasswordResetTokens"  # noqa: S105 - a class's name
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_RATE_LIMITS = False  # counted in the database instead: saas.identity.limits
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
REFERRAL_COOKIE_NAME = "referral"
AGREEMENT_VERSIONS = {"terms": "2026-11-22", "privacy": "2026-11-22"}
# (amount, seconds) by kind. A demo is one machine behind one address, so its limits by address are wide.
_BY_IP = 1 if ENVIRONMENT == "production" else 100
ATTEMPT_LIMITS = {
    "sms_code.target": [(1, 60), (5, 86400)],
    "sms_code.ip": [(10 * _BY_IP, 3600)],
    "sms_code.mall": [(200, 3600)],
    "sms_notice.target": [(6, 3600), (20, 86400)],
    "email_code.target": [(1, 60), (10, 86400)],
    "email_code.ip": [(10 * _BY_IP, 3600)],
    "email_code.mall": [(400, 3600)],
    "login_failed.key": [(5, 300)],
    "login_failed.ip": [(30 * _BY_IP, 300)],
    "signup.ip": [(5 * _BY_IP, 3600)],
    "domain_request.vendor": [(30, 86400)],
    "talk.person": [(20, 60), (500, 86400)],
}

# --- notices: by the account that a mall or the platform has connected (senders); without one by these -----------------
_GATEWAYS = "saas.messaging.notices.gateways"
_GATEWAY_DEFAULT = f"{_GATEWAYS}.{'unset' if ENVIRONMENT == 'production' else 'mailbox'}"
NOTICE_GATEWAYS = {"sms": "saas.tenants.senders.gateway", "email": "saas.tenants.senders.gateway"}
NOTICE_FALLBACKS = {
    "sms": env.text("NOTICE_SMS_GATEWAY", _GATEWAY_DEFAULT),
    "email": env.text("NOTICE_EMAIL_GATEWAY", _GATEWAY_DEFAULT),
}
PLAN_SMS_LIMIT = "saas.tenants.malls.limits.texts_a_month" if ROLE == "cell" else ""
PLAN_SMS_CHECK = "saas.tenants.malls.limits.check_text" if ROLE == "cell" else ""
COURIER_SANDBOX_ORIGIN = env.text("COURIER_SANDBOX_ORIGIN", "http://127.0.0.1:8320")
SMS_SANDBOXES = {  # where the providers' sandboxes answer outside production
    "aliyun": env.text("SMS_SANDBOX_ALIYUN", "127.0.0.1:8310"),
    "tencent": env.text("SMS_SANDBOX_TENCENT", "127.0.0.1:8311"),
}
SMS_PER_HOUR_BREAKER = env.integer("SMS_PER_HOUR_BREAKER", 2000)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"no-reply@{PLATFORM_DOMAIN}")

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- language and time ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "saas" / "config" / "locale"]
if ROLE == "control":  # the console names what is wrong with a file; the tables of that app are the cells' alone
    LOCALE_PATHS.append(BASE_DIR / "provisioning" / "archives" / "locale")
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# --- secrets -------------------------------------------------------------------------------------------------------
KEYRING_FILE = env.text("KEYRING_FILE", str(HOME / "keyring.json"))  # mode 0600, never in a backup of the database
KEY_PROVIDER = env.text("KEY_PROVIDER", "local")  # local | kms
KMS_KEY_ID = env.text("KMS_KEY_ID", "")

# --- backups of single malls: hour of the day (China) after which each mall is saved; -1: never by itself ----------------
BACKUP_HOUR = env.integer("BACKUP_HOUR", 3)
BACKUP_DAILY = env.integer("BACKUP_DAILY", 7)  # how many of the last days, weeks and months keep their newest one
BACKUP_WEEKLY = env.integer("BACKUP_WEEKLY", 4)
BACKUP_MONTHLY = env.integer("BACKUP_MONTHLY", 6)

SENTRY_DSN = env.text("SENTRY_DSN", "")  # empty: errors are told to nobody (saas.config.reports)

# --- logs ----------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    # httpx logs whole URLs, and WeChat's log-in takes its secret in the query.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

# --- the operators' console (saas.console; the malls' backoffice has its own) ----------------------------------------
UNFOLD_CONSOLE = {
    "SITE_TITLE": "Mallwright",
    "SITE_HEADER": "Mallwright",
    "SITE_URL": "/",
    "SITE_SYMBOL": "storefront",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "COLORS": {
        "primary": {
            "50": "#fbf1ee",
            "100": "#f6dfd9",
            "200": "#edbfb3",
            "300": "#e0978a",
            "400": "#cf6a56",
            "500": "#bb4a33",
            "600": "#a8361f",
            "700": "#8c2c19",
            "800": "#742818",
            "900": "#612518",
            "950": "#340f09",
        }
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "saas.console.menu.entries"},
    "STYLES": ["saas.console.menu.list_styles"],
    "SCRIPTS": [lambda request: static("ui/files.js")],
}

# --- the mall staff's console: unfold's frame in our colour (tenant_apps.backoffice.site) ------------------------------
_TEAL = {
    "50": "#f0fdfa",
    "100": "#ccfbf1",
    "200": "#99f6e4",
    "300": "#5eead4",
    "400": "#2dd4bf",
    "500": "#14b8a6",
    "600": "#0f766e",
    "700": "#115e59",
    "800": "#134e4a",
    "900": "#042f2e",
    "950": "#021f1e",
}
UNFOLD_BACKOFFICE = {
    "SITE_SYMBOL": "storefront",
    "SHOW_HISTORY": False,
    "COLORS": {"primary": _TEAL},
    "SCRIPTS": [lambda request: static("ui/files.js")],
}
