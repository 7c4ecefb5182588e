"""Why a scenario file cannot be run: one line that names the key and the reason."""

from pydantic import ValidationError


class ScenarioRefused(Exception):
    """The file cannot be run; the text names the key and the reason."""


def refused(error: ValidationError, *, under: str = "") -> ScenarioRefused:
    """The first fault that a model found, as a refusal naming its key from the top of the file."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in (*([under] if under else []), *first["loc"])) or "file"
    return ScenarioRefused(f"{key}: {first['msg']}")
