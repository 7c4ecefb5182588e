"""The floor F: a bare Django view that selects 20 rows and returns JSON. Run it with granian, in the same run."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from psycopg.conninfo import conninfo_to_dict

_DATABASE = conninfo_to_dict(os.environ.get("FLOOR_DATABASE_URL", "dbname=floor"))

if not settings.configured:
    settings.configure(
        SECRET_KEY="floor",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": _DATABASE["dbname"],
                "USER": _DATABASE.get("user", ""),
                "HOST": _DATABASE.get("host", ""),
                "OPTIONS": {"pool": {"min_size": 1, "max_size": 6}, "application_name": "mallwright-floor"},
            }
        },
    )

TABLE = """
CREATE TABLE IF NOT EXISTS floor_row (id bigint PRIMARY KEY, title text, price bigint, stock bigint, sold bigint);
INSERT INTO floor_row SELECT n, 'product ' || n, n * 100, n, n FROM generate_series(1, 2000) n ON CONFLICT DO NOTHING;
GRANT SELECT ON floor_row TO mallwright_app
"""


def rows(request: HttpRequest) -> JsonResponse:
    """Twenty rows by primary key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title, price, stock, sold FROM floor_row WHERE id > %s ORDER BY id LIMIT 20", [100])
        found = [dict(zip(("id", "title", "price", "stock", "sold"), row, strict=True)) for row in cursor.fetchall()]
    return JsonResponse({"rows": found})


urlpatterns = [path("floor", rows)]
application = get_wsgi_application()
