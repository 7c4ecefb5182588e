"""The menu: a page stands under one line, the one whose address its own begins with at most length."""

from django.test import RequestFactory

from saas.identity.roles import Role
from tenant_apps.backoffice.site import site
from tests.factories.people import make_staff


def test_one_line_is_marked(grocery):
    owner = make_staff(Role.OWNER)

    def marked(path):
        request = RequestFactory().get(f"/backoffice/{path}")
        request.user = owner
        return [one["link"] for group in site.get_sidebar_list(request) for one in group["items"] if one["active"]]

    for path, link in (
        ("coupons/new", "coupons/"),
        ("coupons/flash", "coupons/flash"),
        ("coupons/flash/new", "coupons/flash"),
        ("couriers/?open=1", "couriers/"),
        ("couriers/tracking", "couriers/tracking"),
        ("couriers/account", "couriers/account"),
        ("", ""),
    ):
        assert marked(path) == [f"/backoffice/{link}"], path
