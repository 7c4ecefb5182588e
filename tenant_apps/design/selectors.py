"""What the mall looks like and says about itself, and what it still lacks before it may go live."""

import datetime as dt
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.forms.models import model_to_dict
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import NotFound
from saas.tenants.malls.models import Mall
from saas.tenants.senders import selectors as senders
from tenant_apps.catalog import selectors as catalog
from tenant_apps.design import rules
from tenant_apps.design.models import Branding
from tenant_apps.design.rules import BrandState, LegalKind
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.services import confirming
from tenant_apps.payments import selectors as payments
from tenant_apps.payments.rules import Purpose

CACHE_KEY = "design.brand"  # the cache adds the mall (settings.CACHES key function)
_CACHE_SECONDS = 300
PREVIEW_SECONDS = 14 * 86400

TITLES = {
    "brand": (_("Name and contact"), _("Publish the brand with a phone number or e-mail address for service.")),
    "texts": (_("Legal texts"), _("Read the terms, privacy policy and returns policy, adopt or change them, publish.")),
    "licence": (_("Business licence"), _("Enter the company name and the licence number that the footer shows.")),
    "product": (_("A product on the shelf"), _("Put at least one product with stock on the shelf.")),
    "delivery": (
        _("Delivery and freight"),
        _("Publish the order terms with the freight, and enter the return address."),
    ),
    "payment": (_("Payment tried out"), _("Connect a payment channel; the rehearsal's own is enough for this point.")),
    "approvals": (
        _("A second person for what the law flags"),
        _("Money rules under legal guard-rails 5 and 10 that one person published: somebody else has to confirm them."),
    ),
    "live_channel": (
        _("Payment with real money"),
        _("Enter the mall's own merchant account; its checks must pass against the real channel."),
    ),
    "messages": (
        _("Text messages"),
        _("Connect an SMS provider: without one nobody gets a code for signing in, nor news of an order."),
    ),
}


@dataclass(frozen=True)
class BrandFacts:
    """The brand as pages use it. `style` goes into <html style="…">, `icon` is a browser icon; `logo` and `banner` are addresses or empty."""

    version: int
    name: str
    tagline: str = ""
    logo: str = ""
    banner: str = ""
    primary_color: str = "#0f766e"
    accent_color: str = "#c2410c"
    style: str = ""
    icon: str = ""
    notice: str = ""
    service_phone: str = ""
    service_email: str = ""
    service_hours: str = ""
    return_name: str = ""
    return_phone: str = ""
    return_address: str = ""
    company_name: str = ""
    licence_number: str = ""
    icp_number: str = ""
    other_filings: str = ""


@dataclass(frozen=True)
class ReadinessLine:
    """One line of the list: what, whether it is done, and what to do."""

    key: str
    done: bool
    title: str
    hint: str


_PLAIN_FIELDS = tuple(
    name for name in BrandFacts.__dataclass_fields__ if name not in ("version", "style", "icon", "logo", "banner")
)


def branding() -> BrandFacts:
    """The published brand of the active mall. Cached per mall; services forget it when it changes."""
    known = cache.get(CACHE_KEY)
    if known is None:
        known = asdict(_facts(published()))
        cache.set(CACHE_KEY, known, _CACHE_SECONDS)
    return BrandFacts(**known)


def draft_branding() -> BrandFacts:
    """The brand as it would look after publishing; the published one if nothing is being edited."""
    return _facts(draft() or published())


def published() -> Branding | None:
    """The version that shoppers see."""
    return Branding.objects.filter(state=BrandState.PUBLISHED).first()


def draft() -> Branding | None:
    """The version being edited."""
    return Branding.objects.filter(state=BrandState.DRAFT).first()


def history(*, limit: int = 30) -> list[Branding]:
    """Versions that were shown, newest first."""
    return list(Branding.objects.exclude(state=BrandState.DRAFT).order_by("-version")[:limit])


def editable_values() -> dict[str, object]:
    """What a form starts from: the draft, else the published version, else the defaults."""
    row = draft() or published()
    values = model_to_dict(row or Branding(name=_mall_name()))
    return {name: value for name, value in values.items() if name not in ("id", "version", "state", "author")}


def _facts(row: Branding | None) -> BrandFacts:
    row = row or Branding(version=0, name=_mall_name())
    return BrandFacts(
        version=row.version,
        logo=settings.MEDIA_URL + row.logo if row.logo else "",
        banner=settings.MEDIA_URL + row.banner if row.banner else "",
        icon=rules.icon_address(name=row.name, color=row.primary_color),
        style=rules.css_variables(primary=row.primary_color, accent=row.accent_color),
        **{name: getattr(row, name) for name in _PLAIN_FIELDS},
    )


def _mall_name() -> str:
    return getattr(connection.tenant, "name", "") or "Mall"


def legal_text(kind: LegalKind, *, language: str, use_draft: bool = False) -> str:
    """A legal text of the mall as plain text: its own words, else our default in `language` with the mall's details."""
    row = (draft() if use_draft else None) or published()
    own = getattr(row, kind.value) if row is not None else ""
    return own or default_legal_text(kind, language=language, facts=_facts(row))


def default_legal_text(kind: LegalKind, *, language: str, facts: BrandFacts) -> str:
    """Our default wording; `language` is a Django language code."""
    tongue = "en" if language.startswith("en") else "zh"
    return render_to_string(f"design/legal/{kind.value}.{tongue}.txt", {"brand": facts}).strip()


def preview_token(mall: Mall) -> str:
    """A link's token that lets its holder see a mall in rehearsal for PREVIEW_SECONDS."""
    return signing.dumps(mall.ulid, salt="design.preview")


def preview_allows(mall: Mall, token: str) -> bool:
    """Whether `token` was made for this mall and has not expired."""
    try:
        return bool(signing.loads(token, salt="design.preview", max_age=PREVIEW_SECONDS) == mall.ulid)
    except signing.BadSignature:
        return False


def version(number: int) -> Branding:
    """One version of the brand. Raises NotFound."""
    row = Branding.objects.filter(version=number).first()
    if row is None:
        raise NotFound(f"no brand version {number}")
    return row


def readiness(*, now: dt.datetime) -> list[ReadinessLine]:
    """The list before going live, in its order."""
    done = what_is_done(now)
    return [ReadinessLine(key, done[key], str(TITLES[key][0]), str(TITLES[key][1])) for key in rules.READINESS_KEYS]


def what_is_done(now: dt.datetime) -> dict[str, bool]:
    """Each point of the readiness list by key."""
    brand = published()
    terms = modes.current_settings(mode="orders", now=now)
    rehearsal, live = payments.credential(Purpose.REHEARSAL), payments.has_live_channel()
    return {
        "brand": brand is not None and bool(brand.service_phone or brand.service_email),
        "texts": brand is not None and bool(brand.terms and brand.privacy and brand.returns),
        "licence": brand is not None and bool(brand.company_name and brand.licence_number),
        "product": catalog.has_product_on_shelf(),
        "delivery": brand is not None and bool(brand.return_address) and terms is not None and bool(terms.ulid),
        "payment": live or rehearsal is not None,
        "live_channel": live,
        "approvals": not confirming.unconfirmed(now=now),
        "messages": senders.can_reach_people(),
    }
