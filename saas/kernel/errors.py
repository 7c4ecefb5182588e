"""The one base of every expected refusal. Each refusal itself is defined beside the code that raises it."""

from typing import Any


class DomainError(Exception):
    """A named precondition that did not hold: expected, shown to a person, never sent to Sentry.

    Subclasses set `code` (stable, machine-readable), `http_status` and a `message` whose placeholders are filled
    from the keyword arguments; `field` names the input at fault where there is one.
    """

    code = "refused"
    http_status = 409
    message: Any = "The request was refused."  # text, or lazily translated text

    def __init__(self, message: object = None, *, field: str | None = None, **data: Any) -> None:
        self.field = field
        self.data = data
        text = str(message or self.message)
        self.text = text.format(**data) if data else text
        super().__init__(self.text)


class NotFound(DomainError):
    """The thing does not exist, or not for this person: the two are never told apart."""

    code = "not_found"
    http_status = 404
    message: Any = "Not found."


class InvalidInput(DomainError):
    """Input that breaks a stated rule; `field` names it."""

    code = "invalid_input"
    http_status = 422
    message: Any = "The input is not valid."


class Forbidden(DomainError):
    """The actor may not do this."""

    code = "forbidden"
    http_status = 403
    message: Any = "You may not do this."
