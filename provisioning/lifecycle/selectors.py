"""Reads of exports, backups, drills and deletions, for the pages of vendors and operators."""

from dataclasses import dataclass

from billing.rules.states import ENDED
from billing.selectors import accounts
from provisioning.lifecycle import rules
from provisioning.lifecycle.models import BackupRecord, Deletion, Demo, DemoReset, DrillRecord, ExportFile
from provisioning.lifecycle.rules import OPEN, Check, ExportState
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator.selectors import RunView
from saas.kernel.errors import NotFound
from saas.tenants.vendors.models import Place


@dataclass(frozen=True)
class ExportView:
    """An export with the run that makes it."""

    row: ExportFile
    view: RunView

    @property
    def is_ready(self) -> bool:
        return self.row.state == ExportState.READY


def exports_of(mall: str) -> list[ExportView]:
    """A mall's exports, the newest first."""
    rows = ExportFile.objects.filter(mall=mall).order_by("-requested_at", "-pk")
    return [ExportView(row, runs.run_view(row.run)) for row in rows]


def export(ulid: str, *, mall: str) -> ExportFile:
    """An export of this mall. Raises NotFound."""
    found = ExportFile.objects.filter(ulid=ulid, mall=mall).first()
    if found is None:
        raise NotFound
    return found


def demo(mall: str) -> Demo | None:
    """The mall's standing as a public demo, or None: it is none."""
    return Demo.objects.filter(mall=mall, hour__isnull=False).first()


def resets(mall: str, *, limit: int = 30) -> list[DemoReset]:
    """When a demo was made anew, the newest first."""
    return list(DemoReset.objects.filter(mall=mall).order_by("-started_at", "-pk")[:limit])


def open_deletion(mall: str) -> Deletion | None:
    """The mall's deletion that is asked for, scheduled or under way, or None."""
    return Deletion.objects.filter(mall=mall, state__in=OPEN).first()


def newest_deletion(mall: str) -> Deletion | None:
    """The mall's newest deletion, called off or done ones included."""
    return Deletion.objects.filter(mall=mall).order_by("-asked_at", "-pk").first()


def deletion(ulid: str) -> Deletion:
    """Raises NotFound."""
    found = Deletion.objects.filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def checks(row: Deletion) -> list[Check]:
    """The checklist of a deletion as things stand now."""
    subscription = accounts.subscription_or_none(row.mall)
    owed = 0
    if subscription is not None:
        unpaid = accounts.open_invoices(vendor_id=subscription.vendor_id).filter(subscription=subscription)
        owed = sum(accounts.outstanding(invoice) for invoice in unpaid)
    standing = rules.Standing(
        subscription_ended=subscription is None or subscription.state in ENDED,
        owed_amount=owed,
        exports=ExportFile.objects.filter(mall=row.mall, state__in=[ExportState.READY, ExportState.EXPIRED]).count(),
        books_taken=row.books_taken,
        cell=row.answer,
    )
    return rules.checklist(standing)


@dataclass(frozen=True)
class Line:
    """A row of a console's list with its mall's name."""

    row: BackupRecord | DrillRecord | ExportFile | Deletion
    name: str


def with_names(rows: list[BackupRecord] | list[DrillRecord] | list[ExportFile] | list[Deletion]) -> list[Line]:
    """Rows with the names of their malls, as control knows them."""
    names = dict(Place.objects.filter(mall__in=[row.mall for row in rows]).values_list("mall", "name"))
    return [Line(row, names.get(row.mall, row.mall)) for row in rows]


def backups(*, mall: str = "", limit: int = 100) -> list[BackupRecord]:
    """The newest backups, of one mall or of all."""
    found = BackupRecord.objects.filter(mall=mall) if mall else BackupRecord.objects.all()
    return list(found.order_by("-started_at", "-pk")[:limit])


def drills(*, limit: int = 50) -> list[DrillRecord]:
    """The newest drills."""
    return list(DrillRecord.objects.order_by("-started_at", "-pk")[:limit])


def exports(*, limit: int = 50) -> list[ExportFile]:
    """The newest exports of all malls."""
    return list(ExportFile.objects.order_by("-requested_at", "-pk")[:limit])


def deletions(*, limit: int = 100) -> list[Deletion]:
    """Deletions, open ones first, then the newest."""
    rows = list(Deletion.objects.order_by("-asked_at", "-pk")[:limit])
    return sorted(rows, key=lambda row: row.state not in OPEN)


def unsaved_malls(known: list[BackupRecord]) -> list[Place]:
    """Malls that work and have no whole backup among these."""
    saved = {row.mall for row in known if row.state == "ready"}
    working = Place.objects.filter(state__in=["rehearsal", "live", "held"]).order_by("name")
    return [place for place in working if place.mall not in saved]
