"""The cell's own record of its malls' backups and of the drills that proved them. Public schema; control hears facts."""

from django.db import models

from provisioning.archives.rules import BackupState


class Backup(models.Model):
    """One backup of one mall. One runs at a time a mall, by the database."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    name = models.CharField(max_length=200)  # of the file in the storage
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in BackupState], default=BackupState.RUNNING
    )
    reason = models.CharField(max_length=300)
    actor = models.CharField(max_length=60)
    size = models.BigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, default="")
    rows = models.BigIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    error = models.TextField(default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "archives"
        constraints = [
            models.UniqueConstraint(
                fields=["mall"], condition=models.Q(state="running"), name="archives_one_backup_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["mall", "-started_at"], name="archives_backup_mall")]

    def __str__(self) -> str:
        return f"{self.mall} {self.ulid}"


class Drill(models.Model):
    """One restore drill: the newest backup of a mall restored beside it, compared, and dropped."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    backup = models.CharField(max_length=26, default="")
    passed = models.BooleanField(default=False)  # says something once it has finished
    report = models.JSONField(default=dict)
    actor = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "archives"

    def __str__(self) -> str:
        return f"{self.mall} {self.backup}"
