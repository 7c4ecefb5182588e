"""E-mail by SMTP, with Django's EMAIL_* settings."""

import smtplib

from django.core.mail import EmailMessage, get_connection

from saas.messaging.notices.gateways import Message, Refused, TryLater

TIMEOUT_SECONDS = 15


def send(message: Message) -> None:
    """Hand one e-mail to the server. Raises TryLater, Refused (recipient or text not taken)."""
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=TIMEOUT_SECONDS)
    email = EmailMessage(
        message.subject,
        message.body,
        to=[message.to_email],
        headers={"X-Notice": message.ulid},
        connection=connection,
    )
    try:
        email.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise Refused("recipient refused") from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= 500:
            raise Refused(f"server says {error.smtp_code}") from error
        raise TryLater(f"server says {error.smtp_code}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(type(error).__name__) from error
