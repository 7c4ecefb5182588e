"""The door through which providers tell what became of messages."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from saas.kernel.clock import real_now
from saas.kernel.errors import InvalidInput, NotFound
from saas.tenants.senders import services

MAX_BYTES = 1_000_000


@csrf_exempt
@require_POST
def reports(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """200 with the provider's own yes once the reports are stored; 404 at a wrong address, 400 for what is no report."""
    if len(request.body) > MAX_BYTES:
        return JsonResponse({"code": "too_large"}, status=413)
    try:
        answer = services.receive_reports(
            provider=provider, token=token, content=json.loads(request.body), now=real_now()
        )
    except NotFound:
        return JsonResponse({"code": "unknown_address"}, status=404)
    except (InvalidInput, ValueError):
        return JsonResponse({"code": "not_a_report"}, status=400)
    return JsonResponse(answer)
