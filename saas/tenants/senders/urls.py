"""Delivery reports."""

from django.urls import path

from saas.tenants.senders import pages

urlpatterns = [path("sms-reports/<slug:provider>/<str:token>", pages.reports, name="sms_reports")]
