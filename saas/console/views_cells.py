"""Operators register cells, watch their reports, set ceilings, stop and start placing (FEATURES P5, SCALE 4.12)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.vendors import cells as services
from saas.tenants.vendors import selectors as vendor_facts

Context = dict[str, Any]
STATE_WORDS = {
    "unknown": gettext_lazy("Never reported"),
    "silent": gettext_lazy("Silent"),
    "lagging": gettext_lazy("Lagging"),
    "well": gettext_lazy("Well"),
}
STATE_COLOURS = {"unknown": "cancelled", "silent": "failed", "lagging": "cancelled", "well": "succeeded"}


class CellForm(forms.Form):
    """What an operator says of a cell that stands already."""

    name = forms.CharField(label=gettext_lazy("Name of the cell"), max_length=60, widget=UnfoldAdminTextInputWidget)
    database = forms.CharField(
        label=gettext_lazy("Secret with the database’s address"),
        max_length=120,
        help_text=gettext_lazy("The name under which the workers find it, never the address itself."),
        widget=UnfoldAdminTextInputWidget,
    )
    region = forms.CharField(
        label=gettext_lazy("Region"), max_length=32, required=False, widget=UnfoldAdminTextInputWidget
    )
    ceiling = forms.IntegerField(
        label=gettext_lazy("Ceiling"),
        help_text=gettext_lazy("Malls at most, 1 to 500. A server of one mall’s own has 1."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    dedicated_to = forms.ChoiceField(label=gettext_lazy("Kept for"), required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vendors = [(vendor.ulid, vendor.company) for vendor in vendor_facts.vendors_by_name()]
        self.fields["dedicated_to"].choices = [("", _("every vendor")), *vendors]  # type: ignore[attr-defined]


class ChangeCellForm(CellForm):
    """The same, and why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=UnfoldAdminTextInputWidget)


class NewCellForm(CellForm):
    """The same, and its name in the platform and where it answers."""

    cell_id = forms.CharField(
        label=gettext_lazy("Cell"),
        max_length=32,
        help_text=gettext_lazy("The value of CELL of its processes. It never changes."),
        widget=UnfoldAdminTextInputWidget,
    )
    internal_origin = forms.CharField(
        label=gettext_lazy("Answers at"),
        max_length=200,
        help_text=gettext_lazy("Where its web answers inside the platform, for example http://10.0.3.7:8100"),
        widget=UnfoldAdminTextInputWidget,
    )
    field_order = ("cell_id", "name", "internal_origin")


def cells(request: HttpRequest, frame: Context) -> HttpResponse:
    """Every cell: how full it is and how it does."""
    rows = [(load, STATE_WORDS[load.state], STATE_COLOURS[load.state]) for load in vendor_facts.cell_loads(now=now())]
    return render(request, "console/cells.html", {**frame, "title": _("Cells"), "rows": rows})


def new_cell(request: HttpRequest, frame: Context) -> HttpResponse:
    """Enter a cell in the book."""
    form = NewCellForm(request.POST or None, initial={"ceiling": 300})
    if request.method == "POST" and form.is_valid():
        try:
            cell = services.register_cell(**form.cleaned_data, actor=_actor(request), now=now())
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
        else:
            messages.success(request, _("Registered. It takes malls once it has reported and you start placing."))
            return redirect("console:cell", cell=cell.cell_id)
    return render(request, "console/new_cell.html", {**frame, "title": _("Register a cell"), "form": form})


def cell(request: HttpRequest, frame: Context, cell: str) -> HttpResponse:
    """A cell: its report, its malls, its terms."""
    load = vendor_facts.cell_load(cell, now=now())
    known = load.cell
    initial = {
        "name": known.name,
        "database": known.database,
        "region": known.region,
        "ceiling": known.ceiling,
        "dedicated_to": known.dedicated_to.ulid if known.dedicated_to else "",
    }
    form = ChangeCellForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_cell(cell_id=cell, **form.cleaned_data, actor=_actor(request), now=now())
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
        else:
            messages.success(request, _("Saved."))
            return redirect("console:cell", cell=cell)
    context = {
        **frame,
        "title": known.name or known.cell_id,
        "load": load,
        "state_word": STATE_WORDS[load.state],
        "state_colour": STATE_COLOURS[load.state],
        "places": vendor_facts.places_in(known)[:500],
        "form": form,
    }
    return render(request, "console/cell.html", context)


@require_POST
def cell_placing(request: HttpRequest, frame: Context, cell: str) -> HttpResponse:
    """Stop or start placing malls in a cell."""
    act = services.start_placing if request.POST.get("placing") == "start" else services.stop_placing
    try:
        act(cell_id=cell, reason=request.POST.get("reason", "")[:300], actor=_actor(request), now=now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Saved."))
    return redirect("console:cell", cell=cell)


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]
