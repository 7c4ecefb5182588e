"""The development mailbox."""

from django.urls import path

from saas.messaging.notices import views

urlpatterns = [path("_mailbox", views.mailbox, name="mailbox")]
