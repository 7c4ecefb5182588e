"""Members: the list, one member with wallet, referrals and orders, the audited change of the referrer."""

import datetime as dt

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput
from tenant_apps.backoffice import people
from tenant_apps.backoffice.labels import GROUND_WORDS, LEVEL_WORDS, PROMOTER_STATES, RANK_WORDS
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.members import selectors, services
from tenant_apps.members.models import Member
from tenant_apps.members.rules import LEVEL_PARTNER, ground_word
from tenant_apps.modes import quoting
from tenant_apps.modes.differential import selectors as differential
from tenant_apps.orders.models import Order
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services as seller_services
from tenant_apps.settlement import selectors as settlement


@needs(Role.ORDERS, Role.FINANCE)
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Members by promoter state; search by name, phone or share code."""
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()
    rows = Member.objects.select_related("user", "referrer").annotate(team=Count("referees"))
    if state in PROMOTER_STATES:
        rows = rows.filter(promoter_state=state)
    level, rank = request.GET.get("level", ""), request.GET.get("rank", "")
    if level in LEVEL_WORDS:
        lasts = Q(level=LEVEL_PARTNER) & (Q(level_until=None) | Q(level_until__gt=now()))
        rows = rows.filter(lasts if level == LEVEL_PARTNER else ~lasts)
    if rank in RANK_WORDS:
        rows = rows.filter(rank=int(rank))
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(user__phone__contains=query) | Q(share_code=query.lower()))
    page = page_of(request, rows.order_by("-pk"))
    tabs = [("", _("All")), *((key, text) for key, (text, _tone) in PROMOTER_STATES.items())]
    return show(
        request,
        "members",
        _("Members"),
        page=page,
        tabs=tabs,
        state=state,
        query=query,
        levels=LEVEL_WORDS.items(),
        ranks=RANK_WORDS.items(),
        level=level,
        rank=rank,
        moment=now(),
    )


@needs(Role.ORDERS, Role.FINANCE)
@require_safe
def member(request: HttpRequest, ulid: str) -> HttpResponse:
    """One member: wallet, referrer and team, orders, what staff changed."""
    row = selectors.member_by_ulid(ulid)
    above = selectors.ancestors(row.pk)
    named = selectors.names_by_ulid([one.ulid for one in above], masked=False)
    trail = list(AuditRecord.objects.filter(target=f"member:{ulid}").order_by("-pk")[:10])
    names = people.names(one.actor for one in trail)
    return show(
        request,
        "member",
        str(row),
        member=row,
        wallet=settlement.wallet_summary(ulid),
        awards=settlement.awards_of_member(ulid, page_size=8),
        counts=selectors.team_counts(row.pk),
        team=selectors.team(row.pk, page_size=10),
        stores=sellers.choices(kind="store"),
        store_name=sellers.names([row.store_ulid]).get(row.store_ulid, ""),
        orders=Order.objects.filter(member=row).order_by("-pk")[:10],
        grants=[(one, GROUND_WORDS[ground_word(one.ground)]) for one in selectors.rank_grants(row.pk)],
        turnover=selectors.turnover(row.pk, since=timezone.localdate(now()) - dt.timedelta(days=89)),
        days=selectors.turnover_days(row.pk, limit=10),
        progress=differential.progress(row, now=now()),
        is_partner=quoting.buyer_of(row, now()).level == LEVEL_PARTNER,
        above=[(one, named.get(one.ulid, "")) for one in above],
        trail=[(one, names.get(one.actor, one.actor)) for one in trail],
    )


@needs(Role.ORDERS)
@require_POST
def change_referrer(request: HttpRequest, ulid: str) -> HttpResponse:
    """Another referrer by share code, or none; with a reason, audited."""

    def change() -> None:
        code = request.POST.get("share_code", "").strip()
        referrer = selectors.member_by_share_code(code) if code else None
        if code and referrer is None:
            raise InvalidInput(_("No member has this share code."), field="share_code")
        services.change_referrer(
            actor=actor_of(request),
            member=selectors.member_by_ulid(ulid),
            referrer=referrer,
            reason=request.POST.get("reason", ""),
            now=now(),
        )

    back = reverse("backoffice:member", args=[ulid])
    return act(request, change, done=_("The referrer has been changed. Orders already paid keep theirs."), back=back)


@needs(Role.ORDERS)
@require_POST
def change_store(request: HttpRequest, ulid: str) -> HttpResponse:
    """Another store, or none; with a reason, audited."""
    return act(
        request,
        lambda: seller_services.change_store(
            member=selectors.member_by_ulid(ulid),
            store_ulid=request.POST.get("store", ""),
            reason=request.POST.get("reason", ""),
            actor=actor_of(request),
            now=now(),
        ),
        done=_("The store has been changed. Orders already paid keep theirs."),
        back=reverse("backoffice:member", args=[ulid]),
    )


@needs(Role.ORDERS)
@require_POST
def decide_promoter(request: HttpRequest, ulid: str) -> HttpResponse:
    """Approve or reject the wish to promote."""
    approve = request.POST.get("step") == "approve"
    return act(
        request,
        lambda: services.decide_promoter(
            actor=actor_of(request),
            member=selectors.member_by_ulid(ulid),
            approve=approve,
            reason=request.POST.get("reason", ""),
            now=now(),
        ),
        done=_("The member may promote now.") if approve else _("The member may not promote."),
        back=reverse("backoffice:member", args=[ulid]),
    )
