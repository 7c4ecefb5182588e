"""A member's points and vouchers: the empty page, honest words."""

from tests.factories.browser import MallClient
from tests.factories.people import make_member
from tests.tenant_apps.backoffice.conftest import signed_in


def test_nobody_has_points_and_reads_how_they_come(grocery: object) -> None:
    text = signed_in(make_member().user).get("/vouchers", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "No points yet" in text
    assert "a ceiling, not a promised return" in text
    assert "/vouchers" not in signed_in(make_member().user).get("/me").content.decode()


def test_the_page_needs_a_member(grocery: object) -> None:
    assert MallClient("grocery.localhost").get("/vouchers").status_code == 302
