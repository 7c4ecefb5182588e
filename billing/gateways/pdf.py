"""HTML → PDF by WeasyPrint, which needs Pango of the system; without it everything but paper works."""

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError

try:
    import weasyprint
    import weasyprint.urls
except OSError:  # pragma: no cover - a machine without Pango
    weasyprint = None

PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"


class PaperUnavailable(DomainError):
    """Pango is not installed on this machine."""

    code = "paper_unavailable"
    http_status = 503
    message = _("PDF needs system packages that are not installed here: {packages}. Please print the page instead.")


def available() -> bool:
    """Whether this machine can make PDF."""
    return weasyprint is not None


def write(html: str) -> bytes:
    """The document as PDF; nothing is fetched for it, neither from the network nor from disk. Raises PaperUnavailable."""
    if weasyprint is None:
        raise PaperUnavailable(packages=PACKAGES)
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=())
    pdf: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf()
    return pdf
