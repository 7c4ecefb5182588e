"""The mall's brand: name, look, contact, legal texts. Versions, so that a preview comes first and a step back is one click."""

from django.db import models

from tenant_apps.design.rules import BrandState


class Branding(models.Model):
    """One version of the brand. At most one draft, exactly one published once the mall is set up; the rest is history."""

    version = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in BrandState])
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    author = models.CharField(max_length=60)

    name = models.CharField(max_length=40)
    tagline = models.CharField(max_length=80, blank=True, default="")
    logo = models.CharField(max_length=200, blank=True, default="")  # media path, empty: the name is written instead
    banner = models.CharField(max_length=200, blank=True, default="")  # media path of the home page's picture
    primary_color = models.CharField(max_length=7, default="#0f766e")
    accent_color = models.CharField(max_length=7, default="#c2410c")
    notice = models.CharField(max_length=120, blank=True, default="")  # one line above the home page

    service_phone = models.CharField(max_length=30, blank=True, default="")
    service_email = models.EmailField(blank=True, default="")
    service_hours = models.CharField(max_length=60, blank=True, default="")
    return_name = models.CharField(max_length=40, blank=True, default="")
    return_phone = models.CharField(max_length=30, blank=True, default="")
    return_address = models.CharField(max_length=200, blank=True, default="")

    company_name = models.CharField(max_length=80, blank=True, default="")
    licence_number = models.CharField(max_length=40, blank=True, default="")  # unified social credit code
    icp_number = models.CharField(max_length=60, blank=True, default="")
    other_filings = models.CharField(max_length=200, blank=True, default="")

    # Plain text: blank lines part paragraphs, a line that begins with "## " is a heading. Empty: our default text is shown.
    terms = models.TextField(blank=True, default="")
    privacy = models.TextField(blank=True, default="")
    returns = models.TextField(blank=True, default="")

    class Meta:
        app_label = "design"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state__in=["draft", "published"]), name="design_one_draft_one_live"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", published_at=None) | ~models.Q(state="draft"),
                name="design_draft_unpublished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
