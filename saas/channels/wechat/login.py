"""WeChat web log-in (snsapi_base): which openid is this person for our official account? Needed to pay inside WeChat."""

from urllib.parse import urlencode

import httpx

from saas.channels.contract import Account, ChannelError
from saas.channels.facts import ErrorClass
from saas.channels.wechat.hosts import Hosts

_client = httpx.Client(timeout=4.5, follow_redirects=False, trust_env=False)


def authorize_url(hosts: Hosts, account: Account, *, redirect_uri: str, state: str) -> str:
    """The page of WeChat that sends the person back to `redirect_uri` with a code and our `state`."""
    query = {
        "appid": account.app_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{hosts.authorize}?{urlencode(query)}#wechat_redirect"


def exchange_code(hosts: Hosts, account: Account, code: str) -> str:
    """The openid of a code, which works once. Raises ChannelError."""
    query = {
        "appid": account.app_id,
        "secret": account.app_secret,
        "code": code,
        "grant_type": "authorization_code",
    }
    try:
        content = _client.get(hosts.login, params=query).json()
    except (httpx.HTTPError, ValueError) as error:
        # The exception's own text would hold the URL, and the URL the secret.
        raise ChannelError(ErrorClass.UNKNOWN, "NO_ANSWER", type(error).__name__) from None
    openid = content.get("openid") if isinstance(content, dict) else None
    if not openid or not isinstance(openid, str):
        raise ChannelError(ErrorClass.NO_PERMISSION, f"ERRCODE_{content.get('errcode', '')}")
    return openid
