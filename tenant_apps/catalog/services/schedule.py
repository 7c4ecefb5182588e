"""Products that go on the shelf, or leave it, by themselves at a time: an event each, which looks whether it still holds."""

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import ProductStatus
from tenant_apps.catalog.services import shelf

logger = logging.getLogger(__name__)
TOPIC = "product.shelf_due"


def schedule_shelf(
    *, ulid: str, shelf_at: dt.datetime | None, unshelve_at: dt.datetime | None, actor: str, now: dt.datetime
) -> None:
    """Say when a product goes on shelf and when it leaves it; None: not by itself. Raises NotFound, InvalidInput.

    Times lie in the future, the second after the first.
    """
    for field, moment in (("shelf_at", shelf_at), ("unshelve_at", unshelve_at)):
        if moment is not None and moment <= now:
            raise InvalidInput(gettext("This time is over: choose one in the future."), field=field)
    if shelf_at and unshelve_at and unshelve_at <= shelf_at:
        raise InvalidInput(gettext("It would leave the shelf before it is put on it."), field="unshelve_at")
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(ulid=ulid).first()
        if product is None or product.status == ProductStatus.RECYCLED:
            raise NotFound
        product.shelf_at, product.unshelve_at, product.updated_at = shelf_at, unshelve_at, now
        product.save(update_fields=["shelf_at", "unshelve_at", "updated_at"])
        for step, moment in (("on", shelf_at), ("off", unshelve_at)):
            if moment is not None:
                bus.publish(
                    TOPIC,
                    {"product": ulid, "step": step, "at": moment.isoformat()},
                    key=f"{ulid}:{new_ulid()}",
                    available_at=moment,
                )
        audit.record(
            actor,
            "product.scheduled",
            target=f"product:{ulid}",
            shelf_at=shelf_at.isoformat() if shelf_at else "",
            unshelve_at=unshelve_at.isoformat() if unshelve_at else "",
        )


def keep_schedule(*, ulid: str, step: str, at: dt.datetime, now: dt.datetime) -> bool:
    """What the event does: put the product on the shelf or take it off, if that is still wanted at that time.

    What may not go on shelf stays off, and the audit trail says why.
    """
    field = "shelf_at" if step == "on" else "unshelve_at"
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(ulid=ulid).first()
        if product is None or getattr(product, field) != at:
            return False
        setattr(product, field, None)
        product.save(update_fields=[field])
        wanted = ProductStatus.ON_SHELF if step == "on" else ProductStatus.OFF_SHELF
        if product.status == wanted:
            return False
        move = shelf.put_on_shelf if step == "on" else shelf.take_off_shelf
        try:
            with transaction.atomic():
                move(ulid=ulid, actor="system", now=now)
        except DomainError as error:
            logger.warning("product %s kept its place: %s", ulid, error.text)
            audit.record("system", "product.schedule_refused", target=f"product:{ulid}", reason=error.text, step=step)
            return False
    return True
