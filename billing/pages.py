"""The door through which a payment channel tells about invoices."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.services import collecting
from saas.channels.contract import BadNotice
from saas.kernel.clock import now
from saas.kernel.errors import NotFound


@csrf_exempt
@require_POST
def notify(request: HttpRequest, channel: str, token: str) -> HttpResponse:
    """204 once the notice is stored (or was before); 4xx and nothing else if it is not genuine."""
    try:
        collecting.receive_notice(
            channel_name=channel, token=token, headers=dict(request.headers), body=request.body, now=now()
        )
    except NotFound:
        return JsonResponse({"code": "FAIL", "message": "unknown address"}, status=404)
    except BadNotice as error:
        return JsonResponse({"code": "FAIL", "message": str(error)}, status=401)
    return HttpResponse(status=204)
