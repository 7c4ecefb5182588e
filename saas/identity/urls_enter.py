"""/enter/<token>: where the owner steps over from control. Cell only."""

from django.urls import path

from saas.identity import views

urlpatterns = [path("<str:token>", views.enter, name="enter")]
