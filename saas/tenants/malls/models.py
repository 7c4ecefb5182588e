"""The cell's registry of malls (public schema): who is here, in what state, under which hosts, with which entitlements."""

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from saas.tenants.malls.rules import MallState


class Mall(TenantMixin):
    """A tenant. The row is the gate of every write (saas.tenants.backend); `ulid` is its name everywhere else."""

    auto_create_schema = False
    auto_drop_schema = False

    ulid = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in MallState], default=MallState.CREATING)
    epoch = models.PositiveIntegerField(default=1)
    schema_version = models.CharField(max_length=64, default="")
    created_at = models.DateTimeField()
    clock_offset_seconds = models.BigIntegerField(
        default=0
    )  # how far a rehearsal is ahead of the world (saas.kernel.clock)
    demo_hour = models.SmallIntegerField(null=True)  # a public demo, made anew each night at this hour in China
    demo_seed = models.CharField(max_length=26, default="")  # the backup that it is made anew from
    live_at = models.DateTimeField(null=True)
    state_before = models.CharField(max_length=16, default="")  # while it moves: what it goes back to
    moved_to = models.CharField(max_length=32, default="")  # the cell that serves it now
    moved_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "malls"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(clock_offset_seconds=0) | models.Q(clock_offset_seconds__gt=0, live_at=None),
                name="malls_clock_only_in_rehearsal",
            ),
            models.CheckConstraint(
                condition=models.Q(demo_hour=None)
                | models.Q(demo_hour__gte=0, demo_hour__lt=24) & ~models.Q(demo_seed=""),
                name="malls_demo_hour",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    """A host under which a mall answers; stored normalised (rules.normalise_host)."""

    class Meta:
        app_label = "malls"


class Entitlement(models.Model):
    """The cell's copy of what the mall's plan allows; control is the source, `version` orders the copies."""

    mall = models.ForeignKey(Mall, on_delete=models.CASCADE, related_name="+")
    feature = models.CharField(max_length=60)
    value = models.JSONField()
    version = models.PositiveBigIntegerField()

    class Meta:
        app_label = "malls"
        constraints = [models.UniqueConstraint(fields=["mall", "feature"], name="malls_entitlement_once")]


class Traffic(models.Model):
    """Bytes that web processes answered for a mall on a day in China, as they were written down (malls.traffic)."""

    mall = models.ForeignKey(Mall, on_delete=models.CASCADE, related_name="+")
    date = models.DateField()
    bytes = models.BigIntegerField()

    class Meta:
        app_label = "malls"
        constraints = [models.UniqueConstraint(fields=["mall", "date"], name="malls_traffic_once")]


class Announcement(models.Model):
    """News of the platform for malls of this cell, as control told them last (`version`)."""

    ulid = models.CharField(max_length=26, unique=True)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    body = models.TextField()
    body_en = models.TextField()
    plans = models.JSONField()  # codes; empty: all
    audience = models.CharField(max_length=8)  # "owners", "staff"
    shown_from = models.DateTimeField()
    shown_until = models.DateTimeField(null=True)

    class Meta:
        app_label = "malls"

    def __str__(self) -> str:
        return self.title


class AnnouncementRead(models.Model):
    """A person of a mall's staff has read it and sees the banner no more."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="+")
    mall = models.ForeignKey(Mall, on_delete=models.CASCADE, related_name="+")
    reader = models.CharField(max_length=26)  # public id of the user
    at = models.DateTimeField()

    class Meta:
        app_label = "malls"
        constraints = [
            models.UniqueConstraint(fields=["announcement", "mall", "reader"], name="malls_announcement_read_once")
        ]
