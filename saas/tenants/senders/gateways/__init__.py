"""One module a provider, all alike: `verify(account)`, `verify_templates(account, templates)`, `send(account, …)`,
`ask(account, message)`, `reports(body)`. Loaded when first used: the providers' libraries are large."""

import importlib
from typing import Any

from saas.tenants.senders.rules import Provider


def adapter(provider: str) -> Any:
    """The module of a provider."""
    return importlib.import_module(f"saas.tenants.senders.gateways.{Provider(provider)}")
