"""Reviews as pages show them: the author's name masked or left out, photos by the review's own address."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenant_apps.care.models import Review
from tenant_apps.care.rules import MAX_STARS
from tenant_apps.members.rules import mask_name


@dataclass(frozen=True)
class Shown:
    """One review on a page."""

    row: Review
    author: str

    @property
    def filled(self) -> str:
        return "★" * self.row.stars

    @property
    def hollow(self) -> str:
        return "☆" * (MAX_STARS - self.row.stars)


def shown(rows: Iterable[Review]) -> list[Shown]:
    """Reviews as everybody reads them."""
    return [Shown(row, _author(row)) for row in rows]


def _author(row: Review) -> str:
    name = "" if row.is_anonymous or row.member.closed_at else mask_name(row.member.name)
    return name or _("Anonymous")
