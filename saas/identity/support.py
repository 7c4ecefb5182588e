"""While an operator of the platform is inside a mall: the time limit, and a record of every request, told to control."""

import datetime as dt
from collections.abc import Callable

from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from saas.identity import audit
from saas.identity.services.support import SESSION_KEY
from saas.kernel.clock import real_now as now
from saas.messaging.bus import services as bus

ACTED = "support.acted"
_SILENT = ("/static/", "/media/")


class SupportMiddleware:
    """After authentication. Costs a look into the session of signed-in staff, nothing for shoppers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/backoffice/") or request.path.startswith(_SILENT):
            return self.get_response(request)
        held = request.session.get(SESSION_KEY)
        if not held:
            return self.get_response(request)
        if not request.user.is_authenticated or dt.datetime.fromisoformat(held["until"]) <= now():
            logout(request)
            return HttpResponseRedirect("/backoffice/")
        actor, before = f"user:{request.user.public_id}", audit.newest()
        response = self.get_response(request)
        _record(request, actor, held, response.status_code, before)
        return response


def _record(request: HttpRequest, actor: str, held: dict[str, str], status: int, before: int) -> None:
    what = f"{request.method} {request.path}"[:200]
    at = now()
    with transaction.atomic():
        did = audit.done_by(actor, after=before)
        action = "support.looked" if request.method in ("GET", "HEAD") else "support.did"
        audit.record(actor, action, target=what[:80], reason=held["reason"], grant=held["grant"], status=status)
        fact = {"grant": held["grant"], "what": what, "status": status, "at": at.isoformat(), "did": did}
        bus.publish(ACTED, fact, key=f"{held['grant']}:{at.timestamp()}:{id(request)}", destination=bus.CONTROL)
