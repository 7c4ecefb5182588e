"""Two doors to the outside: where channels send notices, and WeChat's “who are you” for paying inside WeChat."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from saas.channels.contract import BadNotice
from saas.kernel.clock import now, real_now
from saas.kernel.errors import InvalidInput, NotFound
from saas.tenants.malls.activation import active_mall
from tenant_apps.payments import services as payments
from tenant_apps.payments.services import login

_SESSION_KEY = "wechat_login"
_STATE_SECONDS = 600


@csrf_exempt
@require_POST
def notify(request: HttpRequest, channel: str, token: str) -> HttpResponse:
    """A channel's notice: 204 once it is stored (or was before), 4xx and nothing else if it is not genuine."""
    try:
        payments.receive_notice(
            channel=channel, token=token, headers=dict(request.headers), body=request.body, now=now()
        )
    except NotFound:
        return JsonResponse({"code": "FAIL", "message": "unknown address"}, status=404)
    except BadNotice as error:
        return JsonResponse({"code": "FAIL", "message": str(error)}, status=401)
    return HttpResponse(status=204)


@require_GET
def wechat_login(request: HttpRequest) -> HttpResponse:
    """Send a person inside WeChat to learn their openid; `next` says where they go on afterwards.

    The state is random, kept in this mall's session, good once and for ten minutes. A referral travels in its own
    cookie of this host and in `next`, so it survives.
    """
    wanted = request.GET.get("next", "/")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    state = get_random_string(32)
    request.session[_SESSION_KEY] = {
        "state": state,
        "next": wanted if safe else "/",
        "mall": active_mall().ulid,
        "at": int(real_now().timestamp()),
    }
    return HttpResponseRedirect(login.authorize_url(state=state))


@require_GET
def wechat_callback(request: HttpRequest) -> HttpResponse:
    """WeChat's answer: code and state. The openid goes into the session, for this mall's app id only."""
    pending = request.session.pop(_SESSION_KEY, None)
    if (
        pending is None
        or pending["mall"] != active_mall().ulid
        or real_now().timestamp() - pending["at"] > _STATE_SECONDS
        or not constant_time_compare(pending["state"], request.GET.get("state", ""))
    ):
        raise InvalidInput(str(login.STALE))
    app_id, openid = login.openid_of_code(code=request.GET.get("code", ""))
    request.session[login.SESSION_OPENID] = {"mall": active_mall().ulid, "app_id": app_id, "openid": openid}
    return HttpResponseRedirect(pending["next"])
