"""Writes of design: the brand's draft, its publication and its way back."""

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.claims import forbidden_claims
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.tenants.malls import limits
from saas.tenants.malls.activation import active_mall_ulid
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from tenant_apps.catalog.services import renditions
from tenant_apps.design import rules, selectors
from tenant_apps.design.models import Branding
from tenant_apps.design.rules import BrandState, LegalKind

EDITABLE = [
    "name",
    "tagline",
    "logo",
    "banner",
    "primary_color",
    "accent_color",
    "notice",
    "service_phone",
    "service_email",
    "service_hours",
    "return_name",
    "return_phone",
    "return_address",
    "company_name",
    "licence_number",
    "icp_number",
    "other_filings",
    "terms",
    "privacy",
    "returns",
]


class NoBrandDraft(DomainError):
    """There is nothing to publish."""

    code = "no_brand_draft"
    message = _("Nothing has been changed since the last publication.")


class BadBranding(InvalidInput):
    """A field of the brand breaks its rule."""

    code = "bad_branding"
    message = _("Please check the field: {reason}")


class ForbiddenClaim(InvalidInput):
    """MODES 14 #9: a promise of multiples, free orders or sure gains may stand on no page."""

    code = "forbidden_claim"
    message = _(
        "This text may not be published: “{claims}” promises what no shop may promise (rule 9 of the legal guard-rails)."
    )


CLAIM_CHECKED = ("name", "tagline", "notice", "terms", "privacy", "returns")  # what shoppers read


class NotInRehearsal(DomainError):
    """Only a mall in rehearsal can be opened: a suspended one waits for the platform."""

    code = "not_in_rehearsal"
    message = _("This mall is not in rehearsal.")


class MallNotReady(DomainError):
    """The mall lacks something; `data["missing"]` names it by key."""

    code = "mall_not_ready"
    message = _("The mall cannot open yet. Still to do: {titles}.")  # type: ignore[assignment]


def ensure_branding(*, name: str, now: dt.datetime, actor: str = "provisioning", **values: str) -> Branding:
    """The mall's first brand, published at once; a mall that has one keeps it. Raises BadBranding."""
    with transaction.atomic():
        row = selectors.published()
        if row is None:
            row = Branding(version=1, state=BrandState.PUBLISHED, created_at=now, published_at=now, author=actor)
            _apply(row, {"name": name, **values})
            row.save(force_insert=True)
            audit.record(actor, "branding.created", target="branding:1")
            transaction.on_commit(_forget)
    return row


def update_branding(*, actor: str, now: dt.datetime, values: Mapping[str, Any]) -> Branding:
    """Write `values` (any of EDITABLE) into the draft, made from the published version if there is none.

    Shoppers see nothing of it. Raises BadBranding naming the field.
    """
    with transaction.atomic():
        row = Branding.objects.select_for_update().filter(state=BrandState.DRAFT).first() or _new_draft(actor, now)
        before = {key: getattr(row, key) for key in values if key in EDITABLE}
        _apply(row, values)
        row.author = actor
        row.save()
        changed = {key: [old, getattr(row, key)] for key, old in before.items() if old != getattr(row, key)}
        audit.record(actor, "branding.edited", target=f"branding:{row.version}", changed=changed)
    return row


def set_brand_picture(*, which: str, content: bytes, content_type: str, actor: str, now: dt.datetime) -> Branding:
    """Put a picture into the draft: `which` is `logo` or `banner`. Raises catalog.ImageRefused, BadBranding, PlanUsedUp.

    It is checked and re-encoded before anything is stored; earlier versions keep their own file.
    """
    if which not in rules.PICTURE_BOXES:
        raise BadBranding(reason=which, field=which)
    limits.check_upload()
    picture = renditions.open_checked(content, content_type)
    picture.thumbnail(rules.PICTURE_BOXES[which])
    path = f"t/{active_mall_ulid()}/brand/{new_ulid()}.webp"
    buffer = io.BytesIO()
    picture.save(buffer, format="WEBP", quality=85)
    default_storage.save(path, ContentFile(buffer.getvalue()))
    return update_branding(actor=actor, now=now, values={which: path})


def adopt_default_texts(*, actor: str, now: dt.datetime, language: str) -> Branding:
    """Copy our default legal texts, filled with the mall's details, into the draft as the mall's own words."""
    facts = selectors.draft_branding()
    texts = {kind.value: selectors.default_legal_text(kind, language=language, facts=facts) for kind in LegalKind}
    return update_branding(actor=actor, now=now, values=texts)


def publish_branding(*, actor: str, now: dt.datetime) -> Branding:
    """Show the draft to shoppers; the version shown so far becomes history. Raises NoBrandDraft."""
    with transaction.atomic():
        row = Branding.objects.select_for_update().filter(state=BrandState.DRAFT).first()
        if row is None:
            raise NoBrandDraft
        Branding.objects.filter(state=BrandState.PUBLISHED).update(state=BrandState.PAST)
        row.state, row.published_at = BrandState.PUBLISHED, now
        row.save(update_fields=["state", "published_at"])
        audit.record(actor, "branding.published", target=f"branding:{row.version}")
        transaction.on_commit(_forget)
    return row


def discard_draft(*, actor: str, now: dt.datetime) -> None:
    """Throw the draft away. Raises NoBrandDraft."""
    with transaction.atomic():
        if not Branding.objects.filter(state=BrandState.DRAFT).delete()[0]:
            raise NoBrandDraft
        audit.record(actor, "branding.draft_discarded")


def restore_version(*, actor: str, number: int, now: dt.datetime) -> Branding:
    """Bring an earlier version back into the draft, to be looked at and published. Raises NotFound."""
    old = selectors.version(number)
    return update_branding(actor=actor, now=now, values={key: getattr(old, key) for key in EDITABLE})


def require_ready(*, mall: Mall, now: dt.datetime) -> None:
    """Raise unless the mall may open: NotInRehearsal, VendorNotVerified, MallNotReady (naming what is missing)."""
    if mall.state != MallState.REHEARSAL:
        raise NotInRehearsal
    limits.require_verified(mall)
    lacking = rules.missing(selectors.what_is_done(now))
    asked = [one for one in limits.open_items(mall) if one.blocks]
    if lacking or asked:
        titles = "; ".join([*(str(selectors.TITLES[key][0]) for key in lacking), *(one.title for one in asked)])
        raise MallNotReady(titles=titles, missing=[*lacking, *(one.key for one in asked)])


def forget_brand() -> None:
    """Read the brand from its table again."""
    _forget()


def _new_draft(actor: str, now: dt.datetime) -> Branding:
    last = Branding.objects.aggregate(last=Max("version"))["last"] or 0
    row = Branding(version=last + 1, state=BrandState.DRAFT, created_at=now, author=actor)
    shown = selectors.published()
    for key in EDITABLE:
        if shown is not None:
            setattr(row, key, getattr(shown, key))
    row.name = row.name or selectors.branding().name
    row.save(force_insert=True)
    return row


def _apply(row: Branding, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if key not in EDITABLE:
            raise BadBranding(reason=key, field=key)
        setattr(row, key, str(value or "").strip())
    for key in ("primary_color", "accent_color"):
        setattr(row, key, getattr(row, key).lower())
        if not rules.is_color(getattr(row, key)):
            raise BadBranding(reason=_("a colour is # and six digits or letters a–f"), field=key)
    if not row.name:
        raise BadBranding(reason=_("the mall needs a name"), field="name")
    for key in EDITABLE:
        limit = getattr(Branding._meta.get_field(key), "max_length", None)
        if limit and len(getattr(row, key)) > limit:
            raise BadBranding(reason=_("too long"), field=key)
    for key in CLAIM_CHECKED:
        if claims := forbidden_claims(getattr(row, key)):
            raise ForbiddenClaim(field=key, claims="、".join(claims))
    if row.service_email:
        try:
            validate_email(row.service_email)
        except ValidationError as error:
            raise BadBranding(reason=_("not an e-mail address"), field="service_email") from error


def _forget() -> None:
    cache.delete(selectors.CACHE_KEY)
