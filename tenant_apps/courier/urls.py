"""Where courier services send their callbacks; pages for people are the screens' own."""

from django.urls import path

from tenant_apps.courier import pages

app_name = "courier"
urlpatterns = [path("notify-courier/<slug:provider>/<str:token>", pages.notify, name="notify")]
