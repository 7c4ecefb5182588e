"""Where WeChat Pay answers: a fixed list per environment, never a mall's input (CHANNELS 0.7, SSRF)."""

from dataclasses import dataclass

from django.conf import settings

from saas.channels.facts import Purpose


@dataclass(frozen=True)
class Hosts:
    """`api`: WeChat Pay v3. `authorize`: the page that asks who the payer is. `login`: where its code is exchanged."""

    api: str
    authorize: str
    login: str
    is_sandbox: bool


_REAL = Hosts(
    api="https://api.mch.weixin.qq.com",
    authorize="https://open.weixin.qq.com/connect/oauth2/authorize",
    login="https://api.weixin.qq.com/sns/oauth2/access_token",
    is_sandbox=False,
)


def hosts(purpose: Purpose) -> Hosts:
    """The real channel for live credentials in production; in every other case the sandbox server.

    Outside production the sandbox stands in for the real channel too: no test and no demo can ever move real money.
    """
    if settings.ENVIRONMENT == "production" and purpose is Purpose.LIVE:
        return _REAL
    origin = settings.SANDBOX_ORIGIN.rstrip("/")
    return Hosts(origin, f"{origin}/connect/oauth2/authorize", f"{origin}/sns/oauth2/access_token", is_sandbox=True)
