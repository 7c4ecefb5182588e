"""Zones of the mall: made, changed, removed; what each sells under which rules. Prices are set on a product's page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from saas.identity.roles import Role
from saas.kernel.errors import InvalidInput
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog import services as goods
from tenant_apps.catalog.rules import GIFT_PACK, ZoneTerms


@needs(Role.GOODS)
@require_http_methods(["GET", "HEAD", "POST"])
def zones(request: HttpRequest) -> HttpResponse:
    """Every zone besides the mall's own, and a form for one."""
    if request.method == "POST":
        return act(request, lambda: _change(request), done=_("Saved."), back=reverse("backoffice:zones"))
    rows = [one for one in catalog.zones() if one.key != GIFT_PACK]
    counts = catalog.offers_by_zone()
    chosen = next((one for one in rows if one.key == request.GET.get("zone")), None)
    return show(
        request,
        "zones",
        _("Zones"),
        rows=[(one, counts.get(one.key, 0)) for one in rows],
        chosen=chosen,
        terms=chosen.terms if chosen else ZoneTerms(),
    )


def _change(request: HttpRequest) -> None:
    post = request.POST
    key = post.get("key", "").strip()[:40]
    if post.get("step") == "remove":
        goods.remove_zone(key=key, actor=actor_of(request))
        return
    terms = ZoneTerms(
        members_only=post.get("members_only") == "1",
        least_qty=_whole(post, "least_qty", 1),
        person_limit=_whole(post, "person_limit", 0),
        vouchers=post.get("vouchers") == "1",
        earns=post.get("earns") == "1",
    )
    goods.save_zone(
        key=key,
        name=post.get("name", "")[:60],
        terms=terms,
        position=_whole(post, "position", 10),
        is_new=post.get("step") == "new",
        actor=actor_of(request),
    )


def _whole(post: Any, name: str, empty: int) -> int:
    text = post.get(name, "").strip()
    if not text:
        return empty
    if not text.isdecimal() or len(text) > 7:
        raise InvalidInput(_("Numbers are whole, such as 100."), field=name)
    return int(text)
