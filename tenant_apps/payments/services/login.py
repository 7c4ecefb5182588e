"""Who pays inside WeChat: the openid of the person for the mall's own official account."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from saas.channels.contract import ChannelError
from saas.channels.wechat import login as wechat
from saas.channels.wechat.hosts import hosts
from saas.kernel.errors import DomainError
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.payments.rules import Purpose
from tenant_apps.payments.services import accounts

SESSION_OPENID = "wechat_openid"
STALE = _("This sign-in has expired or was begun elsewhere. Please open the page in WeChat again.")


class LoginRefused(DomainError):
    """WeChat did not say who this is."""

    code = "wechat_login_refused"
    http_status = 502
    message = _("WeChat did not confirm who you are. Please try again.")


class LoginNotReady(DomainError):
    """The mall's credentials have no app secret, so WeChat cannot be asked."""

    code = "wechat_login_not_ready"
    message = _("This mall cannot take payments inside WeChat yet. Please open it in a browser.")


def authorize_url(*, state: str) -> str:
    """WeChat's page that sends the person back to `/wechat/oauth` of this mall. Raises ChannelNotReady, LoginNotReady."""
    row = accounts.active_credential()
    account = accounts.account_of(row)
    if not account.app_secret:
        raise LoginNotReady
    back = f"{malls.primary_origin(active_mall())}/wechat/oauth"
    return wechat.authorize_url(hosts(Purpose(row.purpose)), account, redirect_uri=back, state=state)


def openid_of_code(*, code: str) -> tuple[str, str]:
    """(app id, openid) of a code that WeChat gave. Calls the network. Raises LoginRefused."""
    row = accounts.active_credential()
    account = accounts.account_of(row)
    try:
        return account.app_id, wechat.exchange_code(hosts(Purpose(row.purpose)), account, code)
    except ChannelError:
        raise LoginRefused from None


def openid_in(session: Mapping[str, Any]) -> str:
    """The openid that this session learnt for this mall's present app id; empty: send them to `wechat_login`."""
    known = session.get(SESSION_OPENID) or {}
    if known.get("mall") != active_mall().ulid:
        return ""
    return str(known["openid"]) if known.get("app_id") == accounts.active_credential().app_id else ""
