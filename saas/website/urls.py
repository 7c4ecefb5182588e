"""URLs of the public site."""

from django.urls import path

from saas.website import pages, signup

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("pricing", pages.pricing, name="pricing"),
    path("models/<slug:key>", pages.preset, name="preset"),
    path("signup", signup.signup, name="signup"),
    path("signup/address", signup.address, name="signup_address"),
    path("signup/verify", signup.verify, name="signup_verify"),
    path("signup/resend", signup.resend, name="signup_resend"),
    path("signup/<slug:ulid>", signup.run, name="signup_run"),
    path("agreements/<slug:kind>", pages.agreement, name="agreement"),
    path("agreements/<slug:kind>/<str:version>", pages.agreement, name="agreement_version"),
    path("legal/<slug:kind>", pages.legal, name="legal"),
    path("language/<slug:code>", pages.language, name="language"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("_health", pages.health, name="health"),
]
