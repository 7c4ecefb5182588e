"""Launch checklists, tickets, announcements, access of operators to malls, verification of vendors (control)."""

from django.db import models

from saas.support.rules import Audience, GrantState, ItemState, TicketState, VerificationState, WaitsFor


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
    expires_on = models.DateField(null=True)  # the last day on which the paper is good
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "support"
        constraints = [models.UniqueConstraint(fields=["mall", "key"], name="support_item_once")]

    def __str__(self) -> str:
        return self.key


class LaunchFile(models.Model):
    """A paper handed in with a launch item. Small, so it lies here and not on some machine's disk."""

    ulid = models.CharField(max_length=26, unique=True)
    item = models.ForeignKey(LaunchItem, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    added_by = models.CharField(max_length=60)
    added_at = models.DateTimeField()

    class Meta:
        app_label = "support"

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """A question of a vendor to the platform, or of the platform to a vendor."""

    ulid = models.CharField(max_length=26, unique=True)
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, related_name="+")
    mall = models.CharField(max_length=26, blank=True, default="")
    subject = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in TicketState])
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "support"
        indexes = [models.Index(fields=["state", "changed_at"], name="support_ticket_state")]

    def __str__(self) -> str:
        return self.subject


class TicketMessage(models.Model):
    """What was said in a ticket. Never changed."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    text = models.TextField()
    by_platform = models.BooleanField()
    author = models.CharField(max_length=60)
    author_name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        app_label = "support"


class Announcement(models.Model):
    """News of the platform, from a day on and until another: on vendors' account pages, and as a banner in their malls."""

    ulid = models.CharField(max_length=26, unique=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    body = models.TextField()
    body_en = models.TextField()
    shown_from = models.DateTimeField()
    shown_until = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=60)
    plans = models.JSONField(default=list)  # codes of the plans whose malls are meant; empty: all
    audience = models.CharField(max_length=8, choices=[(a.value, a.value) for a in Audience], default=Audience.OWNERS)
    version = models.PositiveIntegerField(default=1)  # of what the cells are told
    told = models.JSONField(default=list)  # the cells that know this version

    class Meta:
        app_label = "support"

    def __str__(self) -> str:
        return self.title


class AnnouncementRead(models.Model):
    """In this mall somebody has read it, as its cell told."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="+")
    mall = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta:
        app_label = "support"
        constraints = [models.UniqueConstraint(fields=["announcement", "mall"], name="support_read_once")]


class SupportGrant(models.Model):
    """Leave for one operator to enter one mall's back office: asked with a reason, given by the vendor, for some hours."""

    ulid = models.CharField(max_length=26, unique=True)
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, related_name="+")
    mall = models.CharField(max_length=26)
    operator = models.CharField(max_length=26)  # public id of the user
    operator_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    hours = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in GrantState], default=GrantState.ASKED)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, default="")
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "support"
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="support_grant_reasoned"),
            models.CheckConstraint(
                condition=~models.Q(state="given") | models.Q(until__isnull=False), name="support_grant_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.ulid


class SupportAct(models.Model):
    """What an operator did inside a mall, as its cell told. Shown to the vendor."""

    grant = models.ForeignKey(SupportGrant, models.PROTECT, related_name="+")
    what = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    did = models.JSONField(default=list)  # [[action, target], …] of the mall's audit trail that came of it

    class Meta:
        app_label = "support"


class Verification(models.Model):
    """Who a vendor is by its licence, and whether an operator has checked it."""

    vendor = models.OneToOneField("vendors.Vendor", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in VerificationState])
    licence_number = models.CharField(max_length=18)
    legal_person = models.CharField(max_length=60)
    note = models.CharField(max_length=300, default="")
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, default="")

    class Meta:
        app_label = "support"
