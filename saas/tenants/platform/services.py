"""Writes of the platform's own words."""

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput
from saas.tenants.platform.models import Profile

FIELDS = ("name", "company", "company_en", "bank", "icp_number", "police_number", "support_phone", "support_email")
_ICP = re.compile(r"^[\u4e00-\u9fa5]ICP[备证]\s?[0-9A-Z-]{4,20}号?(-\d{1,3})?$")


class BadFilingNumber(InvalidInput):
    """Not the shape of an ICP filing or licence number."""

    code = "bad_filing_number"
    message = _("An ICP number looks like 浙ICP备2026000001号-1.")


class BadAddress(InvalidInput):
    """Not an e-mail address."""

    code = "bad_support_email"
    message = _("This is not an e-mail address.")


def hold_base_domain(*, alone: bool = False) -> None:
    """Keep the base domain as it is until the transaction ends; `alone`: nobody else opens a mall meanwhile."""
    with connection.cursor() as cursor:
        shared = "" if alone else "_shared"
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(hashtextextended('platform:base_domain', 0))")


def note_base_domain(*, base: str, former: str, actor: str, now: dt.datetime) -> None:
    """Write the base domain of new malls down, and the one that it was among the former ones. The caller judged it."""
    with transaction.atomic():
        row, _made = Profile.objects.select_for_update().get_or_create(
            pk=1, defaults={"changed_at": now, "changed_by": actor}
        )
        row.former_domains = [one for one in dict.fromkeys([*row.former_domains, former]) if one != base]
        row.base_domain, row.changed_at, row.changed_by = base, now, actor
        row.save(update_fields=["base_domain", "former_domains", "changed_at", "changed_by"])


def change_profile(*, values: dict[str, str], actor: str, now: dt.datetime) -> Profile:
    """Replace what the platform says of itself. Raises BadFilingNumber, BadAddress."""
    wanted = {name: values.get(name, "").strip() for name in FIELDS}
    if wanted["icp_number"] and not _ICP.match(wanted["icp_number"]):
        raise BadFilingNumber(field="icp_number")
    if wanted["support_email"]:
        try:
            validate_email(wanted["support_email"])
        except ValidationError:
            raise BadAddress(field="support_email") from None
    with transaction.atomic():
        before = Profile.objects.select_for_update().filter(pk=1).first() or Profile(pk=1)
        changed = {
            name: [getattr(before, name), value] for name, value in wanted.items() if getattr(before, name) != value
        }
        row, _made = Profile.objects.update_or_create(pk=1, defaults={**wanted, "changed_at": now, "changed_by": actor})
        audit.record(actor, "platform.profile_changed", target="platform", changed=changed)
    return row
