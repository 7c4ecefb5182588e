"""Reads of applications: the member's own, the queue of staff, what stands in one; its account number sealed."""

import datetime as dt

from django.db.models import QuerySet

from saas.kernel.errors import NotFound
from saas.kernel.keyring import Undecryptable
from saas.tenants.vault import services as vault
from tenant_apps.catalog.models import Category
from tenant_apps.members.models import Member
from tenant_apps.sellers.applying import ENDED, ApplicationDraft, ApplicationState, Form
from tenant_apps.sellers.models import Application
from tenant_apps.sellers.rules import SellerKind

_TABLE = "sellers_application"


def open_of(member: Member) -> Application | None:
    """The application of a member that has not come to an end, or None."""
    return Application.objects.filter(member=member).exclude(state__in=sorted(ENDED)).first()


def latest_of(member: Member) -> Application | None:
    """The member's last application, ended or not, or None."""
    return Application.objects.select_related("seller").filter(member=member).order_by("-pk").first()


def answered_of(member: Member) -> Application | None:
    """The member's last application if the mall has answered it and he has not sent it again, or None."""
    states = sorted(
        set(ApplicationState) - {ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}
    )
    return Application.objects.filter(member=member, decided_at__isnull=False, state__in=states).order_by("-pk").first()


def answered_at(row: Application) -> dt.datetime:
    """When the applicant was last told something: the mall's answer, or the day on which the shop opened."""
    return row.updated_at if row.state == ApplicationState.ACTIVE or row.decided_at is None else row.decided_at


def application(ulid: str) -> Application:
    """One application with its member and seller. Raises NotFound."""
    row = Application.objects.select_related("member__user", "seller").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def applications(*, state: str = "") -> QuerySet[Application]:
    """Applications that were sent at least once, newest first."""
    rows = Application.objects.select_related("member__user", "seller").exclude(submitted_at=None).order_by("-pk")
    return rows.filter(state=state) if state else rows


def waiting() -> int:
    """How many applications wait for the mall."""
    return Application.objects.filter(state=ApplicationState.SUBMITTED).count()


def draft_of(row: Application) -> ApplicationDraft:
    """What stands in an application, its account number in plain."""
    return ApplicationDraft(
        kind=SellerKind(row.kind),
        form=Form(row.form),
        name=row.name,
        area_code=row.area_code,
        licence_name=row.licence_name,
        licence_number=row.licence_number,
        licence_until=row.licence_until,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        payee_name=row.payee_name,
        payee_bank=row.payee_bank,
        payee_account=account_of(row),
        categories=tuple(row.categories),
    )


def sealed_account(ulid: str, number: str) -> str:
    """The account number of the application with this ULID, to be stored."""
    return vault.seal(number, table=_TABLE, field="payee_account", row=ulid)


def account_of(row: Application) -> str:
    """The account number in plain; empty where none was given or it came from another mall's copy."""
    if not row.payee_account:
        return ""
    try:
        return vault.unseal(row.payee_account, table=_TABLE, field="payee_account", row=row.ulid)
    except Undecryptable:
        return ""


def category_names(slugs: list[str]) -> list[str]:
    """What these categories are called, by name."""
    return list(Category.objects.filter(slug__in=slugs).order_by("name").values_list("name", flat=True))


def may_sell_in(categories: list[str], slug: str | None) -> bool:
    """Whether a seller of these categories (empty: all) may sell in `slug`: it is one of them, or lies below one."""
    if not categories:
        return True
    if not slug:
        return False
    found = Category.objects.filter(slug=slug).values_list("slug", "parent__slug").first()
    return found is not None and bool({found[0], found[1]} & set(categories))
