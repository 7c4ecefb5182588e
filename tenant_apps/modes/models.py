"""Versions of settings: what held when, who changed it and why. Rows are never changed or deleted. And operators' rulings."""

from django.db import models


class SettingsVersion(models.Model):
    """One published set of values of a mode, for a zone (`""`: the whole mall). Orders pin its ULID."""

    ulid = models.CharField(max_length=26, unique=True)
    mode = models.CharField(max_length=30)
    zone = models.CharField(max_length=40, blank=True, default="")
    number = models.PositiveIntegerField()
    values = models.JSONField()  # validated by the mode's pydantic model
    effective_from = models.DateTimeField()
    author = models.CharField(max_length=60)
    reason = models.TextField()
    cautions = models.JSONField(default=list)  # codes of the cautions that the author accepted
    created_at = models.DateTimeField()

    class Meta:
        app_label = "modes"
        constraints = [
            models.UniqueConstraint(fields=["mode", "zone", "number"], name="modes_settings_numbered"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="modes_settings_reasoned"),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.zone} v{self.number}".replace("  ", " ")


class ModeRuling(models.Model):
    """The mall's copy of what operators last ruled about a mode or something flagged; control is the source.

    `version` orders the copies. It lies in the mall's own schema, so that it moves with it and is read with its settings.
    """

    kind = models.CharField(max_length=10)  # saas.tenants.approvals.RulingKind
    subject = models.CharField(max_length=30)
    is_on = models.BooleanField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300)
    version = models.PositiveBigIntegerField()
    ruled_at = models.DateTimeField()

    class Meta:
        app_label = "modes"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="modes_ruling_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {'on' if self.is_on else 'off'}"
