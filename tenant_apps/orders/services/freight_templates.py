"""Staff keep freight templates: of the mall, and of single sellers. Orders already placed keep what they paid."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from tenant_apps.orders import freight
from tenant_apps.orders.freight import Template
from tenant_apps.orders.models import FreightTemplate
from tenant_apps.sellers import selectors as sellers


class TemplateInvalid(InvalidInput):
    """A field of a freight template cannot be; `field` names it."""

    code = "freight_template_invalid"
    message = _("Please check this field.")


_FAULTS = {
    "name": _("A name has 1 to 40 characters."),
    "rates": _("A template has 1 to 40 rates, one of them at most for everywhere else."),
    "regions": _("Each province or city stands in one rate alone, by its code of six digits."),
    "first": _("The first pieces (or grams) are 1 or more, their freight 0 yuan or more."),
    "next": _("Further freight needs a number of pieces (or grams) that it is charged for."),
    "free_from": _("A threshold from which freight is free is above 0."),
    "unreachable": _("What is not sent to is a province or city, and stands in no rate."),
}


def save_template(
    *, template: Template, seller_ulid: str, is_default: bool, actor: str, now: dt.datetime
) -> FreightTemplate:
    """Store a new template (without ULID) or change one. One of an owner is his default: the new one takes its place.

    Raises TemplateInvalid, NotFound (template, seller).
    """
    if fault := freight.fault(template):
        raise TemplateInvalid(str(_FAULTS[fault]), field=fault)
    if seller_ulid:
        sellers.seller(seller_ulid)
    with transaction.atomic():
        row = _locked(template.ulid) if template.ulid else FreightTemplate(ulid=new_ulid(), seller_ulid=seller_ulid)
        if row.seller_ulid != seller_ulid:
            raise NotFound
        before = {} if row._state.adding else {"name": row.name, "rates": row.rates}
        if is_default:
            FreightTemplate.objects.filter(seller_ulid=seller_ulid, is_default=True).update(is_default=False)
        row.name, row.basis, row.is_default = template.name.strip(), template.basis.value, is_default
        row.rates, row.unreachable = freight.rates_to_json(template.rates), list(template.unreachable)
        row.updated_at = now
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise TemplateInvalid(gettext("There is a template of this name already."), field="name") from None
        audit.record(
            actor,
            "freight.saved",
            target=f"freight:{row.ulid}",
            before=before,
            after={"name": row.name, "rates": row.rates, "unreachable": row.unreachable},
        )
    return row


def delete_template(*, ulid: str, actor: str, now: dt.datetime) -> None:
    """Remove a template; goods that used it are sent by their owner's default. Raises NotFound."""
    with transaction.atomic():
        row = _locked(ulid)
        row.delete()
        audit.record(actor, "freight.deleted", target=f"freight:{ulid}", name=row.name)


def _locked(ulid: str) -> FreightTemplate:
    row = FreightTemplate.objects.select_for_update().filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row
