"""The cell's own record of runs, in its public schema: what was ordered, and one row a step of what was done."""

from django.db import models

from provisioning.executor.rules import ExecutedState, ExecutionState
from provisioning.rules import RunKind, StepName


class Execution(models.Model):
    """A run as this cell was told to do it. `serial` orders the runs and retries of one mall."""

    run = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in RunKind])
    serial = models.PositiveIntegerField()
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in ExecutionState], default=ExecutionState.ACTIVE
    )
    order = models.JSONField()  # the payload of the request, whole
    sequence = models.PositiveIntegerField(default=0)  # of the facts sent to control
    due_at = models.DateTimeField()  # not before: a failed step waits its backoff here

    class Meta:
        app_label = "executor"
        indexes = [models.Index(fields=["mall", "serial"], name="executor_mall_serial")]


class ExecutedStep(models.Model):
    """What this cell did for one step of a run."""

    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=32, choices=[(s.value, s.value) for s in StepName])
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in ExecutedState], default=ExecutedState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    log = models.TextField(default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "executor"
        constraints = [models.UniqueConstraint(fields=["execution", "name"], name="executor_step_once")]
