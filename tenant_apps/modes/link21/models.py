"""The lines of link 2+1 (MODES 7): who joined below whom, and what every order paid whom."""

from django.db import models
from django.db.models import F, Q


class LinePerson(models.Model):
    """Somebody in a line. Sponsor and anchor are set at joining and never change; role and directs only grow."""

    member_ulid = models.CharField(max_length=26, unique=True)
    sponsor_ulid = models.CharField(max_length=26, blank=True, default="")
    anchor_ulid = models.CharField(max_length=26, blank=True, default="")
    role = models.CharField(max_length=8, default="agent")
    directs = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)  # of the directs, whose packs were refunded
    order_ulid = models.CharField(max_length=26)  # the order that joined him
    returned_at = models.DateTimeField(null=True)  # when that order was refunded
    joined_at = models.DateTimeField()

    class Meta:
        app_label = "link21"
        indexes = [models.Index(fields=["sponsor_ulid"], name="link21_sponsor")]
        constraints = [
            models.CheckConstraint(condition=Q(returned__lte=F("directs")), name="link21_returned"),
            models.CheckConstraint(condition=~Q(sponsor_ulid=F("member_ulid")), name="link21_no_self"),
        ]

    def __str__(self) -> str:
        return self.member_ulid


class LineOrder(models.Model):
    """An order of the entry product that went through its line: the answer that settlement was given, kept for repeats."""

    order_ulid = models.CharField(max_length=26, unique=True)
    member_ulid = models.CharField(max_length=26)
    packs = models.JSONField(default=list)  # for each pack a list of [kind, payee, fen]
    joined_at = models.DateTimeField()

    class Meta:
        app_label = "link21"

    def __str__(self) -> str:
        return self.order_ulid
