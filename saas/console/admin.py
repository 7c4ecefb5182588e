"""Tables of the console. Nothing is changed here that has a rule: those are pages over services (views.py)."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from billing import selectors as billing
from billing import services as billing_services
from billing.models import Extra, Invoice, Plan, Subscription, SubscriptionExtra, UsageRecord
from billing.rules.grace import shown
from billing.selectors import words as billing_words
from billing.selectors.accounts import METRICS
from billing.services import extras
from provisioning.orchestrator import words
from provisioning.orchestrator.models import Run
from saas.console import rights
from saas.console.forms import ExtraForm, PlanForm
from saas.console.site import site
from saas.identity import audit_words
from saas.identity.models import AuditRecord, User
from saas.kernel.clock import now
from saas.kernel.money import display_yuan
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Place, Vendor

_LINK = '<a class="font-semibold text-primary-600 dark:text-primary-500" href="{}">{}</a>'
_BILLING_COLOURS = {
    "active": "success",
    "paid": "success",
    "trialing": "info",
    "incomplete": "info",
    "unpaid": "warning",
    "past_due": "danger",
    "failed": "danger",
    "expired": "danger",
    "paused": "warning",
}
_PERIODS = {"month": _("month"), "year": _("year")}
_STATE_COLOURS = {
    "live": "success",
    "succeeded": "success",
    "rehearsal": "info",
    "running": "info",
    "provisioning": "info",
    "failed": "danger",
    "cancelled": "warning",
}


def column(field: str, label: Any) -> Callable[[Any], Any]:
    """A list column that shows a field under a name in the reader's language."""

    def show(row: Any) -> Any:
        value = getattr(row, field)
        return (_("yes") if value else _("no")) if isinstance(value, bool) else value

    show.__name__ = field
    return admin.display(description=label, ordering=field)(show)


class Named:
    """A model's options under the console's own name for the list: models of lower packages carry English names."""

    def __init__(self, options: Any, name: Any) -> None:
        self._options = options
        self.verbose_name = self.verbose_name_plural = name
        self.app_config = SimpleNamespace(verbose_name=name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._options, name)


class Titled(ModelAdmin):
    """A list with a title in the reader's language, the same as the menu's entry; who may, says rights.AREAS."""

    list_title: Any = ""

    def _area(self) -> rights.Area:
        return rights.area_of(table=str(self.opts.model_name))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return rights.may_look(request.user, self._area())  # type: ignore[arg-type]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return rights.may_look(request.user, self._area())  # type: ignore[arg-type]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return rights.may_act(request.user, self._area())  # type: ignore[arg-type]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return rights.may_act(request.user, self._area())  # type: ignore[arg-type]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {"title": self.list_title, "opts": Named(self.opts, self.list_title)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {**(extra_context or {}), "opts": Named(self.opts, self.list_title)}
        return super().changeform_view(request, object_id, form_url, context)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        found.opts = Named(found.opts, self.list_title)
        return found


class Readable(Titled):
    """A table to read, search and filter. Nothing is done to several rows at once, so there is no column to tick."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Vendor, site=site)
class VendorAdmin(Readable):
    list_title = _("Vendors")
    list_display = (
        "company_link",
        column("contact_name", _("Contact person")),
        column("owner", _("Owner")),
        "malls",
        column("created_at", _("Since")),
    )
    list_display_links = None
    search_fields = ("company", "contact_name", "owner__phone", "owner__email")
    list_select_related = ("owner",)

    @admin.display(description=_("Company"), ordering="company")
    def company_link(self, vendor: Vendor) -> SafeString:
        return format_html(_LINK, reverse("console:vendor", kwargs={"ulid": vendor.ulid}), vendor.company)

    @admin.display(description=_("Malls"))
    def malls(self, vendor: Vendor) -> int:
        return Place.objects.filter(vendor=vendor).exclude(state="removed").count()


@admin.register(Place, site=site)
class PlaceAdmin(Readable):
    list_title = _("Malls")
    list_display = (
        "mall_name",
        "shown_state",
        column("vendor", _("Vendor")),
        column("cell", _("Cell")),
        "plan",
        column("created_at", _("Since")),
    )
    list_display_links = None
    list_filter = ("state", "cell", "plan_code")
    search_fields = ("name", "subdomain", "mall", "vendor__company")
    list_select_related = ("vendor", "cell")
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Place]:
        name = "name_en" if (get_language() or "").startswith("en") else "name"
        plans = Plan.objects.filter(code=OuterRef("plan_code")).values(name)[:1]
        return super().get_queryset(request).annotate(plan_name=Subquery(plans))

    @admin.display(description=_("Plan"), ordering="plan_code")
    def plan(self, place: Place) -> str:
        return str(getattr(place, "plan_name", None) or place.plan_code)

    @admin.display(description=_("Mall"))
    def mall_name(self, place: Place) -> SafeString:
        return format_html(
            '<a class="font-semibold text-primary-600 dark:text-primary-500" href="{}">{}</a><div>{}</div>',
            reverse("console:mall", kwargs={"mall": place.mall}),
            place.name,
            place.subdomain,
        )

    @display(description=_("State"), label=_STATE_COLOURS)  # type: ignore[untyped-decorator]
    def shown_state(self, place: Place) -> tuple[str, str]:
        return place.state, words.word(place.state)


@admin.register(Run, site=site)
class RunAdmin(Readable):
    list_title = _("Runs")
    list_display = (
        "run",
        "shown_state",
        "mall_name",
        "progress",
        "by",
        column("requested_at", _("Requested")),
    )
    list_display_links = None
    list_filter = ("state", "kind")
    search_fields = ("ulid", "place__name", "place__subdomain", "place__mall")
    list_select_related = ("place",)
    ordering = ("-requested_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        rows: QuerySet[Run] = super().get_queryset(request)
        return rows.prefetch_related("steps")

    @admin.display(description=_("Run"))
    def run(self, run: Run) -> SafeString:
        link = reverse("console:run", kwargs={"ulid": run.ulid})
        classes = "font-semibold text-primary-600 dark:text-primary-500"
        return format_html('<a class="{}" href="{}">{}</a>', classes, link, words.word(run.kind))

    @display(description=_("State"), label=_STATE_COLOURS)  # type: ignore[untyped-decorator]
    def shown_state(self, run: Run) -> tuple[str, str]:
        return run.state, words.word(run.state)

    @admin.display(description=_("Mall"))
    def mall_name(self, run: Run) -> str:
        return run.place.name

    @admin.display(description=_("By"), ordering="requested_by")
    def by(self, run: Run) -> str:
        return audit_words.names_of([run.requested_by]).get(run.requested_by, run.requested_by)

    @admin.display(description=_("Steps done"))
    def progress(self, run: Run) -> str:
        steps = list(run.steps.all())  # type: ignore[attr-defined]
        return f"{sum(step.state == 'success' for step in steps)} / {len(steps)}"


@admin.register(Plan, site=site)
class PlanAdmin(Titled):
    form = PlanForm
    list_title = _("Plans")
    list_display = (
        column("name", _("Plan")),
        column("code", _("Code")),
        "price",
        "version",
        column("on_sale", _("On sale")),
    )
    ordering = ("position",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # a vendor keeps what was bought: take it off sale

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        """The words as any row; other terms through their service, as a new version."""
        super().save_model(request, obj, form, change)
        terms = form.terms()
        newest = billing.versions_of(obj)[:1]
        if not newest or any(getattr(newest[0], name) != value for name, value in terms.items()):
            actor = f"user:{request.user.public_id}"  # type: ignore[union-attr]
            billing_services.publish_version(plan=obj, **terms, effective_from=now(), actor=actor, now=now())

    @admin.display(description=_("Price"))
    def price(self, plan: Plan) -> str:
        newest = billing.versions_of(plan)[:1]
        return f"{display_yuan(newest[0].price_fen)} / {_PERIODS[newest[0].period]}" if newest else "—"

    @admin.display(description=_("Version"))
    def version(self, plan: Plan) -> str:
        newest = billing.versions_of(plan)[:1]
        return str(newest[0].number) if newest else "—"


@admin.register(Extra, site=site)
class ExtraAdmin(Titled):
    form = ExtraForm
    list_title = _("Paid extras")
    list_display = (
        column("name", _("Extra")),
        column("code", _("Code")),
        "price",
        "adds",
        "bought",
        column("on_sale", _("On sale")),
    )
    ordering = ("position",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # a vendor keeps what was bought: take it off sale

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Extra, form: Any, change: bool) -> None:
        """Through the service alone."""
        actor = f"user:{request.user.public_id}"  # type: ignore[union-attr]
        saved = extras.save_extra(code=obj.code, values=form.values(), actor=actor, now=now())
        obj.pk = saved.pk

    @admin.display(description=_("Price a month"))
    def price(self, extra: Extra) -> str:
        return display_yuan(extra.price_fen)

    @admin.display(description=_("Adds"))
    def adds(self, extra: Extra) -> str:
        label = str(billing_words.FEATURES[extra.feature])
        return label if extra.value is True else f"{label} +{extra.value}"

    @admin.display(description=_("Malls that have it"))
    def bought(self, extra: Extra) -> int:
        return SubscriptionExtra.objects.filter(extra=extra, ended_on=None).count()


@admin.register(Subscription, site=site)
class SubscriptionAdmin(Readable):
    list_title = _("Subscriptions")
    list_display = (
        "mall_link",
        "shown_state",
        column("vendor", _("Vendor")),
        column("version", _("Plan")),
        column("period_end", _("Period ends")),
        column("cancel_at_period_end", _("Cancelled at its end")),
    )
    list_display_links = None
    list_filter = ("state", "version__plan")
    search_fields = ("mall", "ulid", "vendor__company")
    list_select_related = ("vendor", "version", "version__plan")
    ordering = ("period_end",)

    @admin.display(description=_("Mall"))
    def mall_link(self, subscription: Subscription) -> SafeString:
        place = vendor_facts.place_or_none(subscription.mall)
        link = reverse("console:subscription", kwargs={"mall": subscription.mall})
        return format_html(_LINK, link, place.name if place else subscription.mall)

    @display(description=_("State"), label=_BILLING_COLOURS)  # type: ignore[untyped-decorator]
    def shown_state(self, subscription: Subscription) -> tuple[str, Any]:
        return subscription.state, billing_words.STATES[subscription.state]


@admin.register(Invoice, site=site)
class InvoiceAdmin(Readable):
    list_title = _("Invoices")
    list_display = (
        "number_link",
        "shown_payment",
        column("vendor", _("Vendor")),
        "what_for",
        "total",
        column("due_on", _("Due")),
        "shown_tax",
    )
    list_display_links = None
    list_filter = ("payment", "document", "tax")
    search_fields = ("number", "vendor__company", "ulid")
    list_select_related = ("vendor",)
    ordering = ("-finalized_at", "-pk")

    @admin.display(description=_("Number"))
    def number_link(self, invoice: Invoice) -> SafeString:
        return format_html(_LINK, reverse("console:invoice", kwargs={"ulid": invoice.ulid}), invoice.number)

    @display(description=_("Payment"), label=_BILLING_COLOURS)  # type: ignore[untyped-decorator]
    def shown_payment(self, invoice: Invoice) -> tuple[str, Any]:
        if invoice.document == "void":
            return "void", billing_words.DOCUMENT["void"]
        return invoice.payment, billing_words.PAYMENT[invoice.payment]

    @admin.display(description=_("What for"))
    def what_for(self, invoice: Invoice) -> str:
        return billing_words.subject(invoice)

    @admin.display(description=_("Amount"))
    def total(self, invoice: Invoice) -> str:
        return display_yuan(invoice.total_amount)

    @admin.display(description=_("Tax invoice"))
    def shown_tax(self, invoice: Invoice) -> Any:
        return billing_words.TAX[invoice.tax]


_FEATURES_OF = {metric: feature for feature, metric in METRICS.items()}


@admin.register(UsageRecord, site=site)
class UsageAdmin(Readable):
    list_title = _("Metered use")
    list_display = ("mall_name", "what", "quantity_shown", column("date", _("Day")))
    list_display_links = None
    list_filter = ("metric",)
    search_fields = ("mall",)
    ordering = ("-date", "mall", "metric")

    @admin.display(description=_("Mall"))
    def mall_name(self, record: UsageRecord) -> str:
        place = vendor_facts.place_or_none(record.mall)
        return place.name if place else record.mall

    @admin.display(description=_("What"))
    def what(self, record: UsageRecord) -> Any:
        if record.metric == "sales_fen":
            return _("Completed sales")
        return billing_words.USED[_FEATURES_OF.get(record.metric, record.metric)]

    @admin.display(description=_("Quantity"))
    def quantity_shown(self, record: UsageRecord) -> str:
        if record.metric == "sales_fen":
            return display_yuan(record.quantity)
        return shown(_FEATURES_OF.get(record.metric, record.metric), record.quantity)


@admin.register(AuditRecord, site=site)
class AuditAdmin(Readable):
    list_title = _("Audit trail")
    list_display = (
        column("at", _("Time")),
        "who",
        "what",
        "on_what",
        column("reason", _("Reason")),
    )
    list_display_links = None
    search_fields = ("actor", "action", "target", "reason")
    ordering = ("-pk",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Also by the words that the list shows."""
        found, many = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if term:
            nouns, verbs = audit_words.codes_like(term)
            for noun in nouns:
                found = found | queryset.filter(action__startswith=f"{noun}.")
            for verb in verbs:
                found = found | queryset.filter(action__endswith=f".{verb}")
            people = User.objects.filter(name__icontains=term).values_list("public_id", flat=True)[:50]
            found = found | queryset.filter(actor__in=[f"user:{one}" for one in people])
        return found, many

    @admin.display(description=_("Who"))
    def who(self, record: AuditRecord) -> str:
        return audit_words.names_of([record.actor]).get(record.actor, record.actor)

    @admin.display(description=_("Action"), ordering="action")
    def what(self, record: AuditRecord) -> SafeString:
        return format_html('<span title="{}">{}</span>', record.action, audit_words.action_words(record.action))

    @admin.display(description=_("Target"), ordering="target")
    def on_what(self, record: AuditRecord) -> str:
        names = audit_words.names_of([record.target])
        if record.target.startswith("mall:"):
            place = vendor_facts.place_or_none(record.target.removeprefix("mall:"))
            names |= {record.target: place.name} if place else {}
        return audit_words.target_words(record.target, names)

    show_full_result_count = False


@admin.register(User, site=site)
class OperatorAdmin(Readable):
    list_title = _("Operators")
    list_display = (
        column("name", _("Name")),
        column("email", _("E-mail")),
        column("phone", _("Mobile number")),
        column("is_active", _("Active")),
        column("last_login", _("Last sign-in")),
    )
    search_fields = ("name", "email", "phone")
    ordering = ("-date_joined",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.filter(is_staff=True)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "email", "phone", "is_active", "last_login", "date_joined")
