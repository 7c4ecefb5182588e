"""Goods by the many: brands, imports, exports, bulk edits; and a product's schedule and last way."""

from typing import Any, cast

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.kernel.money import parse_yuan
from tenant_apps.backoffice import labels
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.catalog import services
from tenant_apps.catalog.forms import moment_of
from tenant_apps.catalog.models import Brand, Category, Job
from tenant_apps.catalog.rules import EXPORTS, IMPORTS, EditKind, JobKind, JobState
from tenant_apps.catalog.selectors import jobs as selectors
from tenant_apps.catalog.services import editing, fetching, jobs
from tenant_apps.orders import selectors as orders

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@needs(Role.GOODS)
@require_http_methods(["GET", "POST"])
def brands(request: HttpRequest) -> HttpResponse:
    """Brands: adding, renaming, taking away."""
    if request.method == "POST":
        name, slug = request.POST.get("name", "").strip(), request.POST.get("slug", "").strip()
        note, position = request.POST.get("description", ""), request.POST.get("position", "")

        def change() -> None:
            step, actor = request.POST.get("step"), actor_of(request)
            if step == "remove":
                services.remove_brand(slug=slug, actor=actor)
            elif step == "change":
                place = int(position) if position.isdigit() else None
                services.change_brand(slug=slug, name=name, description=note, position=place, actor=actor)
            else:
                made = slugify(slug) or slugify(name) or f"b-{new_ulid()[-8:].lower()}"
                services.create_brand(slug=made, name=name, description=note, actor=actor)

        return act(request, change, done=_("Saved."), back=reverse("backoffice:brands"))
    return show(request, "brands", _("Brands"), brands=Brand.objects.order_by("position", "name"))


@needs(Role.GOODS)
@require_http_methods(["GET", "POST"])
def job_list(request: HttpRequest) -> HttpResponse:
    """Imports, exports and bulk edits; where they begin."""
    if request.method == "POST":
        try:
            job = _begin(request)
        except DomainError as error:
            messages.error(request, error.text)
            return redirect("backoffice:jobs")
        return redirect("backoffice:job", job.ulid)
    page = page_of(request, selectors.jobs())
    return show(
        request,
        "jobs",
        _("Import and export"),
        page=page,
        lines=[
            (job, labels.JOB_KINDS.get(job.kind, job.kind), _count(job), *labels.JOB_STATES[job.state]) for job in page
        ],
        states=[(key, text) for key, (text, _tone) in labels.PRODUCT_STATES.items() if key != "recycled"],
    )


def _count(job: Job) -> int:
    """Of how many products a job speaks, as far as it knows."""
    return next((job.figures[name] for name in ("applied", "products", "rows") if job.figures.get(name)), 0)


def _begin(request: HttpRequest) -> Job:
    kind = request.POST.get("kind", "")
    if kind not in (*IMPORTS, *EXPORTS):
        raise Http404
    if kind in EXPORTS:
        status = request.POST.get("status", "")
        asked = {
            "status": status if status in labels.PRODUCT_STATES else "",
            "origin": request.build_absolute_uri("/").rstrip("/"),
            "pictures": "theirs" if request.POST.get("pictures") == "theirs" else "ours",
        }
        return jobs.start_export(kind=JobKind(kind), asked=asked, actor=actor_of(request), now=now())
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput(_("Choose a file first."), field="file")
    return jobs.start_import(
        kind=JobKind(kind),
        file=file,  # type: ignore[arg-type]  # an uploaded file reads, seeks and tells
        file_name=file.name or "",
        pictures=request.FILES.get("pictures"),  # type: ignore[arg-type]
        update_stock=request.POST.get("stock") == "1",
        actor=actor_of(request),
        now=now(),
    )


@needs(Role.GOODS)
@require_safe
def job(request: HttpRequest, ulid: str) -> HttpResponse:
    """One job: how far it is, what it found by row, column and reason, what may be done with it."""
    view = selectors.job(ulid)
    state = request.GET.get("state", "")
    state = state if state in labels.ROW_STATES else ""
    page = page_of(request, selectors.job_rows(ulid, state=state), size=100)
    tabs = [("", _("All")), *((key, text) for key, (text, _tone) in labels.ROW_STATES.items())]
    return show(
        request,
        "job",
        labels.JOB_KINDS.get(view.job.kind, view.job.kind),
        view=view,
        job=view.job,
        job_state=labels.JOB_STATES[view.job.state],
        page=page,
        lines=[
            (
                row,
                labels.ROW_STATES.get(row.state, (row.state, "")),
                labels.change_words(row.data),
                [(one, selectors.told(one)) for one in row.faults],
            )
            for row in page
        ],
        tabs=tabs,
        state=state,
        is_edit=view.job.kind == JobKind.EDIT,
        can_undo=view.job.kind == JobKind.EDIT and view.job.state == JobState.DONE,
    )


@needs(Role.GOODS)
@require_POST
def job_step(request: HttpRequest, ulid: str) -> HttpResponse:
    """Apply (all or the ticked rows), discard, undo, try the missing pictures again."""
    step, actor = request.POST.get("step", ""), actor_of(request)
    ticked = [int(text) for text in request.POST.getlist("row") if text.isdigit()]

    def run() -> None:
        if step in ("apply", "apply_chosen"):
            jobs.apply_job(ulid=ulid, rows=ticked if step == "apply_chosen" else None, actor=actor, now=now())
        elif step == "discard":
            jobs.discard_job(ulid=ulid, actor=actor, now=now())
        elif step == "undo":
            jobs.undo_job(ulid=ulid, actor=actor, now=now())
        elif step == "pictures":
            fetching.retry(ulid=ulid, actor=actor, now=now())
        else:
            raise Http404

    return act(request, run, done=_("Under way."), back=reverse("backoffice:job", args=[ulid]))


@needs(Role.GOODS)
@require_safe
def job_file(request: HttpRequest, ulid: str) -> HttpResponse:
    """What an export wrote."""
    found = selectors.job(ulid).job
    if not found.result_key:
        raise Http404
    suffix = found.result_key.rpartition(".")[2]
    name = f"products-{timezone.localtime(found.created_at):%Y%m%d-%H%M}.{suffix}"
    file = default_storage.open(found.result_key)
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=_TYPES[suffix])
    return cast(HttpResponse, answer)  # a streaming answer is none by its class, but for every caller


@needs(Role.GOODS)
@require_http_methods(["GET", "POST"])
def bulk_edit(request: HttpRequest) -> HttpResponse:
    """What to change of the products ticked in the list (or of all it shows); then the preview of a job."""
    data = request.POST if request.method == "POST" else request.GET
    chosen = selectors.chosen_products(
        data.getlist("product"),
        query=data.get("q", ""),
        status=data.get("state", "") if data.get("state") in labels.PRODUCT_STATES else "",
        everything=data.get("everything") == "1",
    )
    if request.method == "POST" and request.POST.get("kind"):
        try:
            change = _change(request)
            editing.check_change(change)
            made = jobs.start_edit(products=chosen, change=change, actor=actor_of(request), now=now())
            return redirect("backoffice:job", made.ulid)
        except DomainError as error:
            messages.error(request, error.text)
    return show(
        request,
        "bulk_edit",
        _("Change many products"),
        chosen=[] if data.get("everything") == "1" else chosen,
        everything={name: data.get(name, "") for name in ("everything", "q", "state")}.items(),
        count=len(chosen),
        kinds=labels.EDIT_KINDS.items(),
        categories=[
            (row.slug, f"{row.parent} / {row}" if row.parent else str(row))
            for row in Category.objects.select_related("parent").order_by("parent__position", "position", "pk")
        ],
        brands=Brand.objects.order_by("position", "name").values_list("slug", "name"),
        templates=[(row.ulid, row.name) for row in orders.freight_templates()],
    )


def _change(request: HttpRequest) -> dict[str, Any]:
    """The change that the form asks for. Raises InvalidInput."""
    kind = request.POST.get("kind", "")
    if kind not in set(EditKind):
        raise Http404
    text = request.POST.get(f"value_{kind}", "").strip()
    value: Any = text
    try:
        if kind == EditKind.PRICE_PERCENT:
            value = parse_yuan(text.rstrip("%")) * 100  # hundredths of a percent → ppm
        elif kind == EditKind.PRICE_AMOUNT:
            value = parse_yuan(text)
    except ValueError:
        raise InvalidInput(_("Enter a figure like 10, -5 or 2.50."), field="value") from None
    if kind == EditKind.FREE_SHIPPING:
        value = text == "1"
    if kind == EditKind.FREIGHT and text:
        orders.freight_template(text)
    return {"kind": kind, "value": value}


@needs(Role.GOODS)
@require_POST
def schedule(request: HttpRequest, ulid: str) -> HttpResponse:
    """When a product goes on shelf and off it by itself."""

    def keep() -> None:
        services.schedule_shelf(
            ulid=ulid,
            shelf_at=moment_of(request.POST.get("shelf_at", ""), "shelf_at"),
            unshelve_at=moment_of(request.POST.get("unshelve_at", ""), "unshelve_at"),
            actor=actor_of(request),
            now=now(),
        )

    return act(request, keep, done=_("Saved."), back=reverse("backoffice:product", args=[ulid]) + "#schedule")


@needs(Role.GOODS)
@require_POST
def purge(request: HttpRequest, ulid: str) -> HttpResponse:
    """Delete a product of the bin for good."""
    count = orders.orders_of_product(ulid)
    back = reverse("backoffice:product", args=[ulid]) if count else reverse("backoffice:goods") + "?state=recycled"

    def run() -> None:
        services.purge_product(ulid=ulid, order_count=count, actor=actor_of(request), now=now())

    return act(request, run, done=_("Deleted for good."), back=back)
