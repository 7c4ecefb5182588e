"""Control's record of changes of servers: what was asked for, the plan, who approved it, what came of it."""

from django.db import models

from provisioning.infrastructure.rules import ENVIRONMENTS, OPEN, ChangeState


class ServerChange(models.Model):
    """One change of an environment's servers by Terraform. One open change an environment, by the database."""

    ulid = models.CharField(max_length=26, unique=True)
    environment = models.CharField(max_length=16, choices=[(name, name) for name in ENVIRONMENTS])
    is_destroy = models.BooleanField(default=False)
    variables = models.JSONField()
    reason = models.CharField(max_length=300)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in ChangeState], default=ChangeState.REQUESTED
    )
    plan_digest = models.CharField(max_length=64, default="", blank=True)
    to_add = models.PositiveIntegerField(default=0)
    to_change = models.PositiveIntegerField(default=0)
    to_destroy = models.PositiveIntegerField(default=0)
    plan_log = models.TextField(default="", blank=True)
    apply_log = models.TextField(default="", blank=True)
    failure = models.CharField(max_length=300, default="", blank=True)
    requested_by = models.CharField(max_length=60)
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=60, default="", blank=True)
    approved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "infrastructure"
        constraints = [
            models.UniqueConstraint(
                fields=["environment"],
                condition=models.Q(state__in=sorted(OPEN)),
                name="infrastructure_one_open_change",
            )
        ]

    def __str__(self) -> str:
        return f"{self.environment} {self.ulid}"
