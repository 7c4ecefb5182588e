"""Channel name → adapter: one literal table. A channel is a folder beside this file and a line here."""

from collections.abc import Callable

from saas.channels.contract import Account, Gateway
from saas.channels.facts import Purpose
from saas.channels.wechat.adapter import WechatGateway
from saas.channels.wechat.hosts import hosts


def _wechat(account: Account, purpose: Purpose) -> Gateway:
    return WechatGateway(account, hosts(purpose).api)


CHANNELS: dict[str, Callable[[Account, Purpose], Gateway]] = {"wechat": _wechat}
