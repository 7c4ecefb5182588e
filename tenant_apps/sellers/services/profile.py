"""What a shop says of itself — name, logo, notice, telephone — and its vacation: a pause that ends by itself."""

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.claims import forbidden_claims
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput
from tenant_apps.catalog.services.images import prepare_image
from tenant_apps.catalog.services.renditions import delete_files
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import ENDED, SellerState
from tenant_apps.sellers.services.editing import SellerInvalid, locked, open_seller, pause_seller

logger = logging.getLogger(__name__)

NOTICE_LENGTH = 200
VACATION_DAYS = 90


def set_profile(*, seller_ulid: str, name: str, notice: str, phone: str, actor: str, now: dt.datetime) -> Seller:
    """Change what shoppers read of a shop. Raises NotFound, SellerInvalid (name, notice, phone)."""
    name, notice, phone = name.strip(), notice.strip(), phone.strip()
    if not 1 <= len(name) <= 60:
        raise SellerInvalid(gettext("A name has 1 to 60 characters."), field="name")
    if len(notice) > NOTICE_LENGTH:
        raise SellerInvalid(gettext("A notice has up to 200 characters."), field="notice")
    if phone and not (4 <= len(phone) <= 20 and all(one.isdigit() or one in "+- " for one in phone)):
        raise SellerInvalid(gettext("A telephone number has 4 to 20 digits, spaces, + or -."), field="phone")
    for field, text in (("name", name), ("notice", notice)):
        if claims := forbidden_claims(text, of_goods=True):
            raise SellerInvalid(
                gettext("“{claims}” promises what no shop may promise (rule 9 of the legal guard-rails).").format(
                    claims="、".join(claims)
                ),
                field=field,
            )
    with transaction.atomic():
        row = _living(seller_ulid)
        before = {"name": row.name, **{key: row.profile.get(key, "") for key in ("notice", "phone")}}
        row.name, row.updated_at = name, now
        row.profile = {**row.profile, "notice": notice, "phone": phone}
        row.save(update_fields=["name", "profile", "updated_at"])
        audit.record(
            actor,
            "seller.profile",
            target=f"seller:{seller_ulid}",
            before=before,
            after={"name": name, "notice": notice, "phone": phone},
        )
    return row


def set_logo(*, seller_ulid: str, content: bytes, content_type: str, actor: str, now: dt.datetime) -> Seller:
    """Give a shop a logo; the files of the one before go. Raises NotFound, ImageRefused."""
    made = prepare_image(content=content, content_type=content_type)
    with transaction.atomic():
        row = _living(seller_ulid)
        before = row.profile.get("logo", "")
        row.profile, row.updated_at = {**row.profile, "logo": made["key"]}, now
        row.save(update_fields=["profile", "updated_at"])
        audit.record(actor, "seller.logo", target=f"seller:{seller_ulid}")
        if before:
            transaction.on_commit(lambda: delete_files(before))
    return row


def begin_vacation(*, seller_ulid: str, until: dt.date, actor: str, now: dt.datetime) -> Seller:
    """Close a shop up to and with this day; it opens by itself on the next. Raises NotFound, IllegalTransition, InvalidInput."""
    today = china_date(now)
    if not today <= until <= today + dt.timedelta(days=VACATION_DAYS):
        raise InvalidInput(
            gettext("A vacation ends today or within {days} days.").format(days=VACATION_DAYS), field="until"
        )
    with transaction.atomic():
        pause_seller(
            ulid=seller_ulid,
            actor=actor,
            reason=gettext("Vacation until {day}").format(day=until.isoformat()),
            now=now,
        )
        row = locked(seller_ulid)
        row.profile = {**row.profile, "vacation": until.isoformat()}
        row.save(update_fields=["profile"])
    return row


def end_vacation(*, seller_ulid: str, actor: str, now: dt.datetime) -> Seller:
    """Open a shop again that its own people closed for a vacation; a pause of the mall's they cannot end.

    Raises NotFound, InvalidInput, LicenceMissing, EdiLicenceMissing.
    """
    with transaction.atomic():
        row = locked(seller_ulid)
        if row.state != SellerState.PAUSED or not row.profile.get("vacation"):
            raise InvalidInput(gettext("This shop is not on vacation."), field="until")
        return open_seller(ulid=seller_ulid, actor=actor, now=now)


def end_vacations(*, now: dt.datetime) -> int:
    """Open the shops whose vacation is over; how many. One that may not open (a licence has run out) stays closed."""
    today, opened = china_date(now).isoformat(), 0
    for ulid, until in Seller.objects.filter(state=SellerState.PAUSED).values_list("ulid", "profile__vacation"):
        if not until or until >= today:
            continue
        try:
            end_vacation(seller_ulid=ulid, actor="system", now=now)
            opened += 1
        except DomainError as error:
            logger.info("seller %s stays closed after its vacation: %s", ulid, error.code)
    return opened


def _living(ulid: str) -> Seller:
    row = locked(ulid)
    if row.state in ENDED:
        raise InvalidInput(gettext("This shop has ended: nothing of it is changed any more."), field="name")
    return row
