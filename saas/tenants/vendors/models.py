"""Control's book of who bought what and where it stands: vendors, cells, places, hosts, acceptances, daily sales."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saas.tenants.approvals import RulingKind
from saas.tenants.vendors.rules import AgreementKind, PlaceState


class Cell(models.Model):
    """A cell that malls can be placed in. Its database is never reached from here (DESIGN 3)."""

    cell_id = models.CharField(max_length=32, unique=True)
    ceiling = models.PositiveIntegerField(default=300)  # malls; a full cell is followed by the next (SCALE 4.12)
    accepts_new = models.BooleanField(default=True)
    internal_origin = models.CharField(max_length=200)  # where the cell's web answers inside the platform
    name = models.CharField(max_length=60, default="")
    region = models.CharField(max_length=32, default="")
    database = models.CharField(max_length=120, default="")  # the name of the secret that holds its URL, never the URL
    dedicated_to = models.ForeignKey("vendors.Vendor", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "vendors"
        verbose_name = _("cell")
        verbose_name_plural = _("cells")

    def __str__(self) -> str:
        return self.cell_id


class CellHealth(models.Model):
    """The newest report of a cell about itself."""

    cell = models.OneToOneField(Cell, on_delete=models.CASCADE, related_name="+")
    reported_at = models.DateTimeField()
    version = models.CharField(max_length=64)  # of the migrations that its code brings
    malls = models.PositiveIntegerField()
    malls_behind = models.PositiveIntegerField()  # whose schema has another version
    database_bytes = models.BigIntegerField()
    outbox_waiting = models.PositiveIntegerField()
    outbox_lag_seconds = models.PositiveIntegerField()  # age of the oldest fact that is due and not carried

    class Meta:
        app_label = "vendors"


class Vendor(models.Model):
    """A company that buys malls. Its owner is a user of control."""

    ulid = models.CharField(max_length=26, unique=True)
    company = models.CharField(max_length=80)
    contact_name = models.CharField(max_length=60)
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        app_label = "vendors"

    def __str__(self) -> str:
        return self.company


class Place(models.Model):
    """A mall as control knows it: whose it is and in which cell it stands. `mall` is its ULID everywhere."""

    mall = models.CharField(max_length=26, unique=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="+")
    epoch = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in PlaceState], default=PlaceState.REQUESTED
    )
    name = models.CharField(max_length=40)
    subdomain = models.CharField(max_length=32)
    host = models.CharField(
        max_length=253
    )  # its platform host: <subdomain>.<base domain when it was opened, or chosen>
    schema_name = models.CharField(max_length=63, unique=True)
    plan_code = models.CharField(max_length=30)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "vendors"

    def __str__(self) -> str:
        return self.name


class HostClaim(models.Model):
    """A host belongs to one place of the whole platform: cells cannot see each other's domains (SCALE 4.7)."""

    host = models.CharField(max_length=253, unique=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    primary = models.BooleanField(default=True)
    of_platform = models.BooleanField(
        default=False
    )  # <subdomain>.<a base domain of ours>, not a domain of the vendor's
    told = models.BooleanField(default=True)  # its cell knows it, or will by the run that makes the mall
    claimed_at = models.DateTimeField()

    class Meta:
        app_label = "vendors"

    def __str__(self) -> str:
        return self.host


class AgreementAcceptance(models.Model):
    """Who accepted which text, when and from where. Append-only."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in AgreementKind])
    version = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)  # SHA-256 of the text as it was shown
    accepted_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)

    class Meta:
        app_label = "vendors"
        constraints = [
            models.UniqueConstraint(fields=["vendor", "user", "kind", "version"], name="vendors_acceptance_once")
        ]


class MallDay(models.Model):
    """What a mall sold on one day in China, added up from the facts its cell sent. Orders counted at completion."""

    mall = models.CharField(max_length=26)
    date = models.DateField()
    orders = models.PositiveIntegerField(default=0)
    sales_amount = models.BigIntegerField(default=0)  # fen

    class Meta:
        app_label = "vendors"
        constraints = [models.UniqueConstraint(fields=["mall", "date"], name="vendors_day_once")]


class Ruling(models.Model):
    """What operators ruled about a mall's modes: approvals of what is flagged, and stops. Append-only; the newest counts.

    `version` numbers a mall's rulings; the cell keeps the newest of each kind and subject (tenant_apps.modes.operators).
    """

    mall = models.CharField(max_length=26)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in RulingKind])
    subject = models.CharField(max_length=30)
    is_on = models.BooleanField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300)
    opinion = models.CharField(max_length=300, default="")  # whose legal opinion it rests on, and where it is kept
    version = models.PositiveIntegerField()
    actor = models.CharField(max_length=60)
    ruled_at = models.DateTimeField()

    class Meta:
        app_label = "vendors"
        constraints = [
            models.UniqueConstraint(fields=["mall", "version"], name="vendors_ruling_numbered"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="vendors_ruling_reasoned"),
            models.CheckConstraint(
                condition=~models.Q(kind="approval", is_on=True) | models.Q(until__isnull=False),
                name="vendors_approval_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {'on' if self.is_on else 'off'}"
