"""Channel name → adapter: one literal table. A channel is a folder beside this file and a line here."""

from collections.abc import Callable

from tenant_apps.payments.gateways.contract import Account, Gateway
from tenant_apps.payments.gateways.wechat.adapter import WechatGateway
from tenant_apps.payments.gateways.wechat.hosts import hosts
from tenant_apps.payments.rules import Purpose


def _wechat(account: Account, purpose: Purpose) -> Gateway:
    return WechatGateway(account, hosts(purpose).api)


CHANNELS: dict[str, Callable[[Account, Purpose], Gateway]] = {"wechat": _wechat}
