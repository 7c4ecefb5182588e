"""Where providers answer: a fixed list per environment, never a mall's input; outside production their sandboxes."""

from django.conf import settings

from saas.tenants.senders.rules import Provider

_REAL = {
    Provider.ALIYUN: ("https", "dysmsapi.aliyuncs.com"),
    Provider.TENCENT: ("https", "sms.tencentcloudapi.com"),
}


def endpoint(provider: Provider) -> tuple[str, str]:
    """Scheme and host of a provider's API."""
    if settings.ENVIRONMENT == "production":
        return _REAL[provider]
    return "http", settings.SMS_SANDBOXES[provider]
