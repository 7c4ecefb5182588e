"""Launch checklists (control)."""

from django.db import models

from saas.support.rules import ItemState, WaitsFor


class LaunchItem(models.Model):
    """One thing a mall needs before it opens: its state, who waits for whom, what was said."""

    mall = models.CharField(max_length=26)
    key = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    required = models.BooleanField()
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in ItemState], default=ItemState.OPEN)
    waits_for = models.CharField(max_length=16, choices=[(w.value, w.value) for w in WaitsFor])
    reference = models.CharField(max_length=120, blank=True, default="")  # licence or filing number, account id
    note = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "support"
        constraints = [models.UniqueConstraint(fields=["mall", "key"], name="support_item_once")]

    def __str__(self) -> str:
        return self.key
