"""What is being done, or was done, to a mall as a whole. In the cell's public schema: it outlives what it does to a mall."""

from django.db import models

from saas.tenants.jobs.rules import JobKind, JobState


class Job(models.Model):
    """One job of one mall. At most one of a mall runs. `asked` never changes, `progress` is the job's own notebook."""

    ulid = models.CharField(max_length=26, unique=True)
    mall = models.CharField(max_length=26)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in JobKind])
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in JobState], default=JobState.RUNNING)
    asked = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    actor = models.CharField(max_length=60)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "jobs"
        constraints = [
            models.UniqueConstraint(
                fields=["mall"], condition=models.Q(state=JobState.RUNNING), name="jobs_one_running_a_mall"
            )
        ]
        indexes = [models.Index(fields=["mall", "started_at"], name="jobs_of_mall")]
