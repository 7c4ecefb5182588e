"""`python -m saas.runtime`: the `mall` command."""

from saas.runtime.cli import app

app(prog_name="mall")
