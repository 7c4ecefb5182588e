import pytest

from provisioning.infrastructure import services
from tests.control.provisioning.servers.cast import MODULE, NOW, VARIABLES


@pytest.fixture
def place(tmp_path):
    """Modules of both environments, and a home for the runner."""
    for name in ("staging", "production"):
        (tmp_path / "modules" / name).mkdir(parents=True)
        (tmp_path / "modules" / name / "main.tf").write_text(MODULE)
    return tmp_path


@pytest.fixture
def ask():
    def run(**changes):
        values = {
            "environment": "staging",
            "variables": VARIABLES,
            "is_destroy": False,
            "reason": "first servers",
            "actor": "user:a",
            "now": NOW,
            **changes,
        }
        return services.request_change(**values)

    return run
