"""What every page of a mall is given: `brand`, read when a template first asks for it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from saas.kernel.clock import now
from tenant_apps.design import selectors as design
from tenant_apps.rehearsal import selectors as rehearsals

CART_COOKIE = "cart_count"


def brand(request: HttpRequest) -> dict[str, Any]:
    """`brand` (BrandFacts; the draft for staff who look at `?brand=draft`), `cart_count` as the browser knows it, and
    which of the two installable apps the page belongs to."""
    count = request.COOKIES.get(CART_COOKIE, "")
    return {
        "brand": SimpleLazyObject(lambda: _brand(request)),
        "cart_count": count if count.isdigit() and count != "0" else "",
        "app": "seller" if request.path.startswith("/seller") else "mall",
        **_rehearsing(request),
    }


def _rehearsing(request: HttpRequest) -> dict[str, Any]:
    """`rehearsal` (its day), and `acting` where staff look with a test person's eyes; nothing of it in a live mall."""
    mall = getattr(request, "tenant", None)
    if mall is None or not rehearsals.is_rehearsal(mall):
        return {}
    return {"rehearsal": rehearsals.day(mall, now=now()), "acting": request.session.get(rehearsals.ACTING)}


def _brand(request: HttpRequest) -> design.BrandFacts:
    if request.GET.get("brand") == "draft" and request.user.is_staff:  # type: ignore[union-attr]
        return design.draft_branding()
    return design.branding()
