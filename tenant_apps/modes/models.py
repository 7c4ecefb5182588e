"""Versions of settings: what held when, who changed it and why. Rows are never changed or deleted."""

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
