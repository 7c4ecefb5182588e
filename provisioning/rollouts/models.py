"""The cell's own record of rollouts, in its public schema: one row a mall, committed with the mall's migration."""

from django.db import models

from provisioning.rollouts.rules import MallState, RolloutState


class Rollout(models.Model):
    """The migrations of one release, brought to every mall of this cell that lacks them."""

    ulid = models.CharField(max_length=26, unique=True)
    version = models.CharField(max_length=64)  # executor.schema.migrations_hash of the code that began it
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in RolloutState], default=RolloutState.RUNNING
    )
    sequence = models.PositiveIntegerField(default=0)  # of the facts sent to control
    requested_by = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "rollouts"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state=RolloutState.RUNNING), name="rollouts_one_running"
            )
        ]


class MallRollout(models.Model):
    """One mall of a rollout: from which version to which, when, how, and why not."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="malls")
    mall = models.CharField(max_length=26)
    schema_name = models.CharField(max_length=63)
    from_version = models.CharField(max_length=64)
    wave = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in MallState], default=MallState.PENDING)
    method = models.CharField(max_length=16, default="")  # replayed | migrated | current
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "rollouts"
        constraints = [models.UniqueConstraint(fields=["rollout", "mall"], name="rollouts_mall_once")]
