"""Control's record of what leaves malls as files and of malls that are deleted; of backups and drills as cells report them."""

from django.db import models

from provisioning.lifecycle.rules import OPEN, DeletionState, ExportState


class BackupRecord(models.Model):
    """A backup, as its cell said last."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    cell = models.CharField(max_length=32)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=300)
    actor = models.CharField(max_length=60)
    size = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    error = models.CharField(max_length=300, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "lifecycle"
        indexes = [models.Index(fields=["mall", "-started_at"], name="lifecycle_backup_mall")]

    def __str__(self) -> str:
        return self.ulid


class DrillRecord(models.Model):
    """A restore drill, as its cell reported it."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    cell = models.CharField(max_length=32)
    backup = models.CharField(max_length=26)
    passed = models.BooleanField()
    report = models.JSONField()
    actor = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        app_label = "lifecycle"

    def __str__(self) -> str:
        return self.ulid


class Demo(models.Model):
    """A mall that is, or was, a public demo: at which hour in China it is made anew (None: no demo any more), and from what."""

    mall = models.CharField(max_length=26, unique=True)
    hour = models.PositiveSmallIntegerField(null=True)
    seed = models.CharField(max_length=26)  # the backup
    actor = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    switched_at = models.DateTimeField()

    class Meta:
        app_label = "lifecycle"
        constraints = [
            models.CheckConstraint(condition=models.Q(hour=None) | models.Q(hour__lt=24), name="lifecycle_demo_hour")
        ]

    def __str__(self) -> str:
        return self.mall


class DemoReset(models.Model):
    """One time that a demo was made anew, or could not be, as its cell said."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    cell = models.CharField(max_length=32)
    state = models.CharField(max_length=10)
    actor = models.CharField(max_length=60)
    error = models.CharField(max_length=300, default="")
    rows = models.BigIntegerField(default=0)
    pictures = models.PositiveIntegerField(default=0)  # brought back
    dropped = models.PositiveIntegerField(default=0)  # files that visitors left
    seconds = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        app_label = "lifecycle"
        indexes = [models.Index(fields=["mall", "-started_at"], name="lifecycle_reset_mall")]

    def __str__(self) -> str:
        return self.ulid


class ExportFile(models.Model):
    """One full export of one mall. One at a time a mall, by the database."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    run = models.CharField(max_length=26, unique=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ExportState], default=ExportState.MAKING
    )
    reason = models.CharField(max_length=300)
    requested_by = models.CharField(max_length=60)
    requested_at = models.DateTimeField()
    name = models.CharField(max_length=200, default="")
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    facts = models.JSONField(default=dict)  # tables, rows, media, withheld, trial balance, taken at
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "lifecycle"
        constraints = [
            models.UniqueConstraint(
                fields=["mall"], condition=models.Q(state="making"), name="lifecycle_one_export_a_mall"
            )
        ]

    def __str__(self) -> str:
        return self.ulid


class Deletion(models.Model):
    """The deletion of one mall: asked for by one person, confirmed by another, done at its time. One open one a mall."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in DeletionState], default=DeletionState.ASKED
    )
    reason = models.CharField(max_length=300)
    asked_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    by_vendor = models.BooleanField()
    books_taken = models.BooleanField(default=False)
    close_account = models.BooleanField(default=False)
    answer = models.JSONField(null=True)  # what the cell said of orders, withdrawals and clearing accounts
    answered_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=60, default="", blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirm_reason = models.CharField(max_length=300, default="", blank=True)
    due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=60, default="", blank=True)
    cancel_reason = models.CharField(max_length=300, default="", blank=True)
    run = models.CharField(max_length=26, default="", blank=True)
    blocked = models.CharField(max_length=200, default="", blank=True)  # what kept it from running when it was due
    kept = models.JSONField(default=dict)  # ledger summary and counts: what stays of the mall
    finished_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)  # the address may be had by others again

    class Meta:
        app_label = "lifecycle"
        constraints = [
            models.UniqueConstraint(
                fields=["mall"], condition=models.Q(state__in=sorted(OPEN)), name="lifecycle_one_deletion_a_mall"
            ),
            models.CheckConstraint(
                name="lifecycle_deletion_two_persons",
                condition=models.Q(confirmed_by="") | ~models.Q(confirmed_by=models.F("asked_by")),
            ),
            models.CheckConstraint(
                name="lifecycle_deletion_confirmed",
                condition=models.Q(state__in=["asked", "cancelled"])
                | (~models.Q(confirmed_by="") & models.Q(due_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.ulid
