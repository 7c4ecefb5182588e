"""Control's book of vendors' own domains. HostClaim (saas.tenants.vendors) says whose a host is; here is how far it got."""

from django.db import models

from provisioning.domains.rules.states import DomainState


class OwnDomain(models.Model):
    """A domain that a vendor asked for, for one mall. `revision` counts its changes: who looked at an older one is late."""

    ulid = models.CharField(max_length=26, unique=True)
    host = models.CharField(max_length=253)  # normalised
    place = models.ForeignKey("vendors.Place", on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=40)  # of the proof
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in DomainState], default=DomainState.REQUESTED
    )
    since = models.DateTimeField()  # in this state
    revision = models.PositiveIntegerField(default=0)
    wanted_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    proved_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # looks in a row that said "not here"
    finding = models.CharField(max_length=24, default="", blank=True)  # what the last look found, in a word
    finding_detail = models.CharField(max_length=300, default="", blank=True)
    filing_number = models.CharField(max_length=40, default="", blank=True)
    filed_at = models.DateTimeField(null=True)  # an operator accepted the number
    note = models.CharField(max_length=300, default="", blank=True)  # an operator's, for the vendor
    certificate = models.CharField(max_length=200, default="", blank=True)  # its maker's name for it
    certificate_wish = models.CharField(max_length=32, default="", blank=True)
    certificate_until = models.DateTimeField(null=True)
    records = models.JSONField(default=list, blank=True)  # further DNS records that the certificate needs
    edge_cell = models.CharField(max_length=32, default="", blank=True)  # whose balancer shows the certificate
    left_cells = models.JSONField(default=list, blank=True)  # that showed it before the mall moved

    class Meta:
        app_label = "domains"
        constraints = [
            models.UniqueConstraint(
                fields=["host"],
                condition=models.Q(proved_at__isnull=False) & ~models.Q(state__in=["removing", "removed"]),
                name="domains_proved_once",
            ),
            models.UniqueConstraint(
                fields=["place", "host"],
                condition=~models.Q(state__in=["removing", "removed"]),
                name="domains_asked_once",
            ),
            models.UniqueConstraint(
                fields=["place"],
                condition=models.Q(wanted_primary=True) & ~models.Q(state__in=["removing", "removed"]),
                name="domains_one_primary",
            ),
        ]
        indexes = [models.Index(fields=["next_look_at"], name="domains_due")]

    def __str__(self) -> str:
        return self.host


class DomainEvent(models.Model):
    """What happened to a domain. Append-only."""

    domain = models.ForeignKey(OwnDomain, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    state = models.CharField(max_length=16)
    finding = models.CharField(max_length=24, default="")
    detail = models.CharField(max_length=300, default="")

    class Meta:
        app_label = "domains"


class FilingEvidence(models.Model):
    """The file that a vendor handed in with a filing number. Small, so it lies here and not on some machine's disk."""

    domain = models.OneToOneField(OwnDomain, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    content = models.BinaryField()
    handed_in_at = models.DateTimeField()

    class Meta:
        app_label = "domains"


class HostBook(models.Model):
    """What the cell of a place was told last of its own hosts, and where its platform host's record points."""

    place = models.OneToOneField("vendors.Place", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=dict)
    sends_platform = models.BooleanField(default=False)
    record_cell = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        app_label = "domains"
