"""The console's frame: who may come in, and the menu each role sees. Pages are in views_*.py, addresses in urls.py."""

from collections.abc import Callable
from typing import Any, cast

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from saas.identity.roles import LABELS, Role, roles_of
from tenant_apps.backoffice import from_platform
from tenant_apps.backoffice.menu import MENU
from tenant_apps.design import selectors as design

# Unfold's pages run Alpine from attributes and carry inline scripts; nowhere else is either allowed.
_SCRIPTS = {"script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"]}


class BackofficeSite(UnfoldAdminSite):
    """One instance, `site`. No model is registered: every screen is a page of ours over services and selectors."""

    settings_name = "UNFOLD_BACKOFFICE"

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff of this mall who hold a role in it."""
        return bool(roles_of(request.user))  # type: ignore[arg-type]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Signing in is allauth's; who is signed in but not staff is refused in words."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("backoffice:index")), settings.LOGIN_URL)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """As Django's, with the content policy that unfold needs."""
        guarded = csp_update(_SCRIPTS)(super().admin_view(view, cacheable))  # type: ignore[type-var]
        return cast("Callable[..., HttpResponse]", guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The frame's own values: brand, roles, language and the way back to the shop."""
        name = design.branding().name
        context: dict[str, Any] = super().each_context(request)
        held = roles_of(request.user)  # type: ignore[arg-type]
        roles = [LABELS[role] for role in Role if role in held]
        context |= {
            "site_title": name,
            "site_header": name,
            "site_subheader": " · ".join(str(role) for role in roles),
            "site_url": "/",
            "mall": getattr(request, "tenant", None),
            "told": from_platform.banners(request),
            "account_links": [
                {"title": "简体中文", "link": "/language/zh-hans"},
                {"title": "English", "link": "/language/en"},
                {"title": _("Change password"), "link": reverse("account_change_password")},
            ],
        }
        return context

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The menu of the roles that the person holds."""
        held = roles_of(request.user)  # type: ignore[arg-type]
        groups = []
        here = self._here(request)
        for title, entries in MENU:
            items = []
            for entry in entries:
                if entry.roles and Role.OWNER not in held and held.isdisjoint(entry.roles):
                    continue
                link = reverse(f"backoffice:{entry.page}", args=entry.args)
                item = {"title": str(entry.title), "icon": entry.icon, "link": link, "has_permission": True}
                items.append({**item, "active": link == here})
            if items:
                groups.append({"title": str(title) if title else "", "separator": bool(title), "items": items})
        return groups

    def _here(self, request: HttpRequest) -> str:
        """The menu's line that the page stands under: of those whose address its own begins with, the longest."""
        links = [reverse(f"backoffice:{one.page}", args=one.args) for _title, entries in MENU for one in entries]
        home = reverse("backoffice:index")
        under = [link for link in links if link != home and request.path.startswith(link)]
        return max(under, key=len, default=home if request.path == home else "")


site = BackofficeSite(name="backoffice")
