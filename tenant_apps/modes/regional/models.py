"""Areas that agents share, and their contracts. There is no column for a promised return, and there will be none (MODES 14 #17)."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional.contracts import DEFAULT_MONTHS, OPEN, ContractState, Source


class Area(models.Model):
    """One area of one grade. `covers` holds the codes whose orders belong to it: its own, or a named area's list."""

    ulid = models.CharField(max_length=26, unique=True)
    grade = models.CharField(max_length=10, choices=[(g.value, g.value) for g in Grade])
    code = models.CharField(max_length=40)  # province 2, city 4, district 6, street 9 digits; custom, region: a name
    name = models.CharField(max_length=80)
    covers = models.JSONField()
    total_amount = models.BigIntegerField(default=0)  # fen that the whole area stands for; 0: whoever holds, holds all
    is_exclusive = models.BooleanField(default=False)
    takes_applications = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "regional"
        constraints = [
            models.UniqueConstraint(fields=["grade", "code"], name="regional_area_once"),
            models.CheckConstraint(condition=Q(grade__in=[g.value for g in Grade]), name="regional_area_grade"),
            models.CheckConstraint(condition=Q(total_amount__gte=0), name="regional_area_total"),
        ]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """A member's contract for a part of an area. `invested_amount` (fen) is its weight in the split of MODES 8."""

    ulid = models.CharField(max_length=26, unique=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="contracts")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ContractState], default=ContractState.APPLIED
    )
    source = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Source], default=Source.APPLICATION)
    source_document = models.CharField(max_length=60, blank=True, default="")  # order:<ulid>, contract:<ulid>
    invested_amount = models.BigIntegerField(default=0)
    months = models.PositiveSmallIntegerField(default=DEFAULT_MONTHS)
    licence_company = models.CharField(max_length=80, blank=True, default="")
    licence_number = models.CharField(max_length=18, blank=True, default="")
    licence_checked_by = models.CharField(max_length=60, blank=True, default="")
    remark = models.CharField(max_length=300, blank=True, default="")
    text_version = models.CharField(max_length=16, blank=True, default="")  # the contract's words that were accepted
    text_digest = models.CharField(max_length=64, blank=True, default="")
    accepted_text = models.TextField(blank=True, default="")
    paper_number = models.CharField(max_length=40, blank=True, default="")  # of a contract signed on paper
    decided_by = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "regional"
        indexes = [models.Index(fields=["member", "-id"], name="regional_contract_member")]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "member"],
                condition=Q(state__in=sorted(state.value for state in OPEN)),
                name="regional_agent_once_an_area",
            ),
            models.UniqueConstraint(
                fields=["source_document"], condition=~Q(source_document=""), name="regional_contract_once_a_source"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ContractState]), name="regional_contract_state"
            ),
            models.CheckConstraint(
                condition=Q(invested_amount__gt=0) | Q(invested_amount=0, state__in=["applied", "refused"]),
                name="regional_contract_weighs",
            ),
            models.CheckConstraint(
                condition=Q(state="active", from_at__isnull=False, until_at__gt=F("from_at"), accepted_at__isnull=False)
                | ~Q(state="active"),
                name="regional_contract_has_term",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | (~Q(licence_number="") & ~Q(licence_checked_by="")),
                name="regional_agent_is_licensed",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="regional_contract_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.state}"
