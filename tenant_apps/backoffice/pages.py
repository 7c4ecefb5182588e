"""What every page is made with: the role it needs, the frame it stands in, the answer to a refused service."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from saas.identity import services
from saas.identity.models import User
from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.backoffice.site import site

_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]
PAGE_SIZE = 25


def needs(*roles: Role) -> Callable[[View[_P]], View[_P]]:
    """Refuse (403) whoever holds none of `roles`; the owner holds them all. Coming in at all is the site's business."""

    def wrap(view: View[_P]) -> View[_P]:
        @functools.wraps(view)
        def run(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            if roles and not has_role(request.user, *roles):  # type: ignore[arg-type]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return run

    return wrap


def show(
    request: HttpRequest, template: str, title: str | Promise, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page of the console inside the frame."""
    request.current_app = site.name  # type: ignore[attr-defined]
    values = {**site.each_context(request), "title": title, **context}
    return render(request, f"backoffice/{template}.html", values, status=status)


def actor_of(request: HttpRequest) -> str:
    """The staff member as services name an actor."""
    assert isinstance(request.user, User)
    return f"user:{request.user.public_id}"


def act(request: HttpRequest, call: Callable[[], object], *, done: str, back: str) -> HttpResponseRedirect:
    """One service call: go `back` with `done`, or with the refusal in words; a refusal has changed nothing.

    What takes two persons is prepared instead, and its page shown.
    """
    try:
        call()
    except services.SecondPersonNeeded as error:
        return prepare_instead(request, error, back=back)
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(back)


def prepare_instead(request: HttpRequest, error: services.SecondPersonNeeded, *, back: str) -> HttpResponseRedirect:
    """Keep what takes two persons until a second one has looked at it."""
    try:
        row = services.prepare_action(**error.asked, actor=actor_of(request), now=now())
    except DomainError as refused:
        messages.error(request, refused.text)
        return HttpResponseRedirect(back)
    messages.success(request, _("Prepared. It happens as soon as a second person has approved it."))
    return HttpResponseRedirect(reverse("backoffice:prepared", args=[row.ulid]))


def page_of(request: HttpRequest, rows: Sequence[Any] | Any, size: int = PAGE_SIZE) -> Page:  # type: ignore[type-arg]
    """The page of `rows` that the address asks for; out of range shows the nearest."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
