"""Versions of settings: what held when, who changed it and why, never changed or deleted. Drafts, saved sets, rulings."""

from django.db import models


class SettingsVersion(models.Model):
    """One published set of values of a mode, for a zone (`""`: the whole mall). Orders pin its ULID."""

    ulid = models.CharField(max_length=26, unique=True)
    mode = models.CharField(max_length=30)
    zone = models.CharField(max_length=40, blank=True, default="")
    number = models.PositiveIntegerField()
    values = models.JSONField()  # validated by the mode's pydantic model; {} where it inherits
    inherits = models.BooleanField(default=False)  # from here on the zone follows the whole mall again
    effective_from = models.DateTimeField()
    author = models.CharField(max_length=60)
    approved_by = models.CharField(max_length=60, blank=True, default="")  # the second person, where one was needed
    reason = models.TextField()
    cautions = models.JSONField(default=list)  # codes of the cautions that the author accepted
    evidence = models.JSONField(default=dict)  # the projection that justified it, where the mode asks for one
    created_at = models.DateTimeField()

    class Meta:
        app_label = "modes"
        constraints = [
            models.UniqueConstraint(fields=["mode", "zone", "number"], name="modes_settings_numbered"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="modes_settings_reasoned"),
            models.CheckConstraint(
                condition=models.Q(inherits=False) | ~models.Q(zone=""), name="modes_settings_inherited"
            ),
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


class SettingsDraft(models.Model):
    """What somebody is working on: one open draft a mode and zone. `stamp` is new with every save."""

    mode = models.CharField(max_length=30)
    zone = models.CharField(max_length=40, blank=True, default="")
    stamp = models.CharField(max_length=26, unique=True)
    values = models.JSONField()
    inherits = models.BooleanField(default=False)
    base_number = models.PositiveIntegerField()  # the newest version when it was saved
    evidence = models.JSONField(default=dict)  # what was computed of it last
    author = models.CharField(max_length=60)
    note = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "modes"
        constraints = [models.UniqueConstraint(fields=["mode", "zone"], name="modes_draft_once")]

    def __str__(self) -> str:
        return f"{self.mode} {self.zone}".strip()


class SavedPreset(models.Model):
    """A set of settings that the vendor named and keeps: `values` is mode → values, a zone's own as `mode@zone`."""

    ulid = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=40, unique=True)
    note = models.CharField(max_length=200, blank=True, default="")
    values = models.JSONField()
    author = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "modes"

    def __str__(self) -> str:
        return self.name


class ComplianceAlarm(models.Model):
    """A team that the nightly look found to be large and deep (MODES 14 #6). Somebody looks at it and notes what he found."""

    member_ulid = models.CharField(max_length=26, unique=True)
    people = models.PositiveIntegerField()
    levels = models.PositiveSmallIntegerField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True, default="")
    noted_by = models.CharField(max_length=60, blank=True, default="")
    noted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "modes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(noted_at=None, note="") | (models.Q(noted_at__isnull=False) & ~models.Q(note="")),
                name="modes_alarm_noted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_ulid}: {self.people} people, {self.levels} levels"
