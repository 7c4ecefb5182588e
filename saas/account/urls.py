"""URLs of the vendor's own pages, below /account/."""

from django.urls import path

from saas.account import pages

urlpatterns = [
    path("", pages.home, name="account_home"),
    path("agreements", pages.agreements, name="account_agreements"),
    path("malls/<slug:mall>", pages.mall, name="account_mall"),
    path("malls/<slug:mall>/enter", pages.enter, name="account_enter"),
    path("malls/<slug:mall>/checklist/<slug:key>", pages.submit_item, name="account_item"),
]
