"""The operators' site: who may come in, its menu, its pages beside the tables."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from saas.console import (
    rights,
    views,
    views_billing,
    views_cells,
    views_checklist,
    views_domains,
    views_figures,
    views_fleet,
    views_imports,
    views_lifecycle,
    views_modes,
    views_operators,
    views_senders,
    views_servers,
    views_settings,
    views_support,
)
from saas.identity.operators import roles_of

# Unfold's pages run Alpine from attributes and carry inline scripts; nowhere else is either allowed.
_SCRIPTS = {"script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"]}


class ConsoleSite(UnfoldAdminSite):
    """One instance, `site`, mounted at /console/. The malls' backoffice is another site with settings of its own."""

    settings_name = "UNFOLD_CONSOLE"
    index_template = "console/home.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators only, with a role: a vendor is a user of control, too."""
        return bool(roles_of(request.user))  # type: ignore[arg-type]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Signing in is allauth's; who is signed in but no operator is refused."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("console:index")), reverse("account_login"))

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """As Django's, with the content policy that unfold needs."""
        guarded: Callable[..., HttpResponse] = csp_update(_SCRIPTS)(super().admin_view(view, cacheable))  # type: ignore[assignment, type-var]
        return guarded

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The start page: figures, runs, what needs a person."""
        return super().index(request, {"title": _("Overview"), **views_figures.home_context(), **(extra_context or {})})

    def extra_urls(self) -> list[URLPattern]:
        """Pages that are not a table."""
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("new-mall/", "new_mall", views.new_mall),
            ("imports/", "imports", views_imports.imports),
            ("imports/<slug:name>/", "import_file", views_imports.import_file),
            ("imports/<slug:name>/discard", "import_discard", views_imports.import_discard),
            ("runs/<slug:ulid>/", "run", views.run),
            ("runs/<slug:ulid>/retry", "run_retry", views.run_retry),
            ("runs/<slug:ulid>/cancel", "run_cancel", views.run_cancel),
            ("malls/<slug:mall>/", "mall", views.mall),
            ("malls/<slug:mall>/modes/", "modes", views_modes.modes),
            ("malls/<slug:mall>/modes/rule", "rule", views_modes.rule),
            ("malls/<slug:mall>/roll-back", "mall_roll_back", views.mall_roll_back),
            ("malls/<slug:mall>/checklist/<slug:key>", "item", views_checklist.decide_item),
            ("malls/<slug:mall>/activities", "item_activities", views_checklist.item_activities),
            ("malls/<slug:mall>/papers/<slug:ulid>", "item_file", views_checklist.item_file),
            ("checklists/", "checklists", views_checklist.checklists),
            ("malls/<slug:mall>/move", "move", views_fleet.move),
            ("moves/<slug:ulid>/undo", "move_undo", views_fleet.move_undo),
            ("moves/<slug:ulid>/retire", "move_retire", views_fleet.move_retire),
            ("domains/", "domains", views_domains.domains),
            ("domains/<slug:ulid>/", "domain", views_domains.domain),
            ("domains/<slug:ulid>/decide", "domain_decide", views_domains.decide),
            ("domains/<slug:ulid>/evidence", "domain_evidence", views_domains.evidence),
            ("backups/", "backups", views_lifecycle.backups),
            ("departures/", "departures", views_lifecycle.departures),
            ("malls/<slug:mall>/lifecycle/", "lifecycle", views_lifecycle.lifecycle),
            ("malls/<slug:mall>/lifecycle/<slug:what>", "lifecycle_act", views_lifecycle.act),
            ("rollouts/", "rollouts", views_fleet.rollouts),
            ("rollouts/<slug:ulid>/", "rollout", views_fleet.rollout),
            ("rollouts/<slug:ulid>/retry", "rollout_retry", views_fleet.rollout_retry),
            ("cells/", "cells", views_cells.cells),
            ("cells/new", "new_cell", views_cells.new_cell),
            ("cells/<slug:cell>/", "cell", views_cells.cell),
            ("cells/<slug:cell>/placing", "cell_placing", views_cells.cell_placing),
            ("servers/", "servers", views_servers.servers),
            ("servers/new", "new_server_change", views_servers.new_change),
            ("servers/<slug:ulid>/", "server_change", views_servers.server_change),
            ("servers/<slug:ulid>/decide", "decide_server_change", views_servers.decide_change),
            ("events/", "events", views.events),
            ("events/<slug:event_id>/retry", "event_retry", views.event_retry),
            ("ledger/", "ledger", views.ledger),
            ("subscriptions/<slug:mall>/", "subscription", views_billing.subscription),
            ("subscriptions/<slug:mall>/pause", "subscription_pause", views_billing.subscription_pause),
            ("subscriptions/<slug:mall>/resume", "subscription_resume", views_billing.subscription_resume),
            ("subscriptions/<slug:mall>/extend", "subscription_extend", views_billing.subscription_extend),
            ("subscriptions/<slug:mall>/override", "subscription_override", views_billing.subscription_override),
            ("invoices/<slug:ulid>/", "invoice", views_billing.invoice),
            ("invoices/<slug:ulid>/pdf", "invoice_pdf", views_billing.invoice_pdf),
            ("credit-notes/<slug:number>/pdf", "credit_note_pdf", views_billing.credit_note_pdf),
            ("invoices/<slug:ulid>/credit", "invoice_credit", views_billing.invoice_credit),
            ("invoices/<slug:ulid>/collect", "invoice_collect", views_billing.invoice_collect),
            ("invoices/<slug:ulid>/tax", "invoice_tax", views_billing.invoice_tax),
            ("figures/<slug:key>/", "month", views_figures.month),
            ("usage/", "usage", views_figures.usage),
            ("questions/", "tickets", views_support.ticket_list),
            ("questions/<slug:ulid>/", "ticket", views_support.ticket),
            ("news/", "news", views_support.news),
            ("news/<slug:ulid>/withdraw", "news_withdraw", views_support.news_withdraw),
            ("verifications/", "verifications", views_support.verifications),
            ("companies/<slug:ulid>/", "vendor", views_support.vendor),
            ("companies/<slug:ulid>/verify", "vendor_verify", views_support.vendor_verify),
            ("malls/<slug:mall>/access/", "access", views_support.mall_access),
            ("malls/<slug:mall>/access/enter", "mall_enter", views_support.mall_enter),
            ("settings/", "settings", views_settings.profile),
            ("settings/base-domain/", "settings_base", views_settings.base_domain),
            ("settings/account/", "settings_account", views_settings.account),
            ("settings/account/check", "settings_account_check", views_settings.account_check),
            ("settings/account/sandbox", "settings_account_sandbox", views_settings.account_sandbox),
            ("operators/", "operators", views_operators.operators),
            ("operators/<slug:public_id>/roles", "operator_roles", views_operators.operator_roles),
            ("senders/", "senders", views_senders.senders),
            ("senders/<slug:provider>/", "sender", views_senders.sender),
            ("senders/do/<slug:what>/<slug:which>", "senders_do", views_senders.senders_do),
            ("notices/", "notices", views_senders.notices),
            ("transfers/", "transfers", views_billing.transfers),
            ("transfers/<int:transfer>/match", "transfer_match", views_billing.transfer_match),
        ]
        return [path(route, self.admin_view(_with(self, name, view)), name=name) for route, name, view in pages]


def _with(site: ConsoleSite, name: str, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand a page the frame's context, so that views need not know the site, if the person's role may have the page."""
    area = rights.area_of(name)

    def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        request.current_app = site.name  # type: ignore[attr-defined]
        acts = rights.may_act(request.user, area)  # type: ignore[arg-type]
        looks = request.method in ("GET", "HEAD") and rights.may_look(request.user, area)  # type: ignore[arg-type]
        if not (acts or looks):
            raise PermissionDenied
        return view(request, {**site.each_context(request), "looks_only": not acts}, **kwargs)

    return inner


site = ConsoleSite(name="console")
