"""The vendor's side of the launch checklist: what the mall does, items handed in with their files, files read back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from saas.account.pages import vendor_only
from saas.kernel import papers as paper_kinds
from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput
from saas.support import selectors as support
from saas.support import services as support_services
from saas.support.rules import FILE_MAX_BYTES, FILES_MAX, Activity
from saas.support.services import papers
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Vendor


class NoDate(InvalidInput):
    """The last day of validity cannot be read."""

    code = "no_date"
    message = gettext_lazy("Please enter the last day of validity as a date.")


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


@require_POST
@vendor_only
def submit_item(request: HttpRequest, vendor: Vendor, mall: str, key: str) -> HttpResponse:
    """Hand in one item of the launch checklist, with files."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    given = request.POST.get("expires_on", "")
    try:
        expires_on = parse_date(given)
    except ValueError:
        expires_on = None
    if given and expires_on is None:
        raise NoDate(field="expires_on")
    files = request.FILES.getlist("files")[: FILES_MAX + 1]
    papers.hand_in(
        mall=place.mall,
        key=key,
        reference=request.POST.get("reference", ""),
        expires_on=expires_on,
        files=[(file.name or "", file.read(FILE_MAX_BYTES + 1)) for file in files],
        actor=_actor(request),
        now=now(),
    )
    messages.success(request, _("Handed in. We look at it and answer here."))
    return redirect("account_mall", mall=place.mall)


@require_POST
@vendor_only
def activities(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """What the mall does: the licences for it appear on the list."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    wanted = [one for one in Activity if one in request.POST.getlist("activity")]
    support_services.choose_activities(mall=place.mall, activities=wanted, actor=_actor(request), now=now())
    messages.success(request, _("Saved. The list shows what your mall needs."))
    return redirect("account_mall", mall=place.mall)


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def paper(request: HttpRequest, vendor: Vendor, mall: str, ulid: str) -> HttpResponse:
    """A file of the vendor's own, to be kept; with POST it is taken back."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    if request.method == "POST":
        papers.remove_file(mall=place.mall, ulid=ulid, actor=_actor(request), now=now())
        messages.success(request, _("The file is removed."))
        return redirect("account_mall", mall=place.mall)
    found = support.launch_file(mall=place.mall, ulid=ulid)
    title = f"{found.item.key}-{found.ulid}"
    return paper_kinds.as_download(content=bytes(found.content), kind=found.kind, title=title)
