"""Control's record of making and unmaking malls: a run, and a row for each of its steps."""

from django.db import models

from provisioning.orchestrator.rules import ACTIVE, RolloutState, RunState, StepState
from provisioning.rules import RunKind, StepName


class Run(models.Model):
    """One run of steps for one mall. `serial` grows with every run and every retry of the mall, so a cell can tell
    an order that was overtaken from a new one."""

    ulid = models.CharField(max_length=26, unique=True)
    key = models.CharField(max_length=80, unique=True)  # who asks again with the same key gets this run
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in RunKind])
    place = models.ForeignKey("vendors.Place", on_delete=models.PROTECT, related_name="+")
    serial = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in RunState], default=RunState.RUNNING)
    order = models.JSONField()  # what the cell was told: the whole payload, so that it can be told again
    requested_by = models.CharField(max_length=60)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "orchestrator"
        constraints = [
            models.UniqueConstraint(
                fields=["place"],
                condition=models.Q(state__in=sorted(ACTIVE)),
                name="orchestrator_one_active_run_a_mall",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ulid}"


class RunStep(models.Model):
    """One step of a run, as the cell reports it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=32, choices=[(s.value, s.value) for s in StepName])
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in StepState], default=StepState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    sequence = models.PositiveIntegerField(default=0)  # of the newest fact applied
    log = models.TextField(default="", blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "orchestrator"
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="orchestrator_step_once")]

    def __str__(self) -> str:
        return self.name


class Rollout(models.Model):
    """The rollout of a release in one cell, as the cell reports it. Asked for here, or from the cell's own terminal."""

    ulid = models.CharField(max_length=26, unique=True)
    cell = models.CharField(max_length=32)
    version = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in RolloutState])
    sequence = models.PositiveIntegerField(default=0)  # of the newest fact applied
    malls = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    requested_by = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, default="")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "orchestrator"

    def __str__(self) -> str:
        return self.ulid


class RolloutMall(models.Model):
    """One mall of a rollout."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    mall = models.CharField(max_length=26)
    wave = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16)
    method = models.CharField(max_length=16, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    error = models.TextField(default="")
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "orchestrator"
        constraints = [models.UniqueConstraint(fields=["rollout", "mall"], name="orchestrator_rollout_mall_once")]
