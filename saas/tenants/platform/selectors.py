"""The platform's own words, wherever a page or a paper names it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from saas.tenants.platform.models import Profile


def profile() -> Profile:
    """What was entered, completed from the environment: name and company are never empty. The row is not for saving."""
    found = Profile.objects.filter(pk=1).first() or Profile()
    found.name = found.name or settings.PLATFORM_COMPANY
    found.company = found.company or settings.PLATFORM_COMPANY
    found.company_en = found.company_en or found.company
    found.bank = found.bank or settings.PLATFORM_BANK
    return found


def base_domain() -> str:
    """The domain under which new malls get their address."""
    entered = Profile.objects.filter(pk=1).values_list("base_domain", flat=True).first()
    return entered or str(settings.PLATFORM_DOMAIN)


def base_domains() -> list[str]:
    """Every domain under which malls have, or had, an address of the platform's: the one of new malls first."""
    row = Profile.objects.filter(pk=1).values_list("base_domain", "former_domains").first()
    entered, former = row or ("", [])
    return list(dict.fromkeys([entered or str(settings.PLATFORM_DOMAIN), *former]))


def context(request: HttpRequest) -> dict[str, Any]:
    """`platform` in every template of control."""
    return {"platform": _Late()}


class _Late:
    """The profile, read only if a template asks for it, once."""

    def __init__(self) -> None:
        self._found: Profile | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._found = self._found or profile()
        return getattr(self._found, name)
