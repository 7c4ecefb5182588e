"""/enter/<token>: where the owner, or an operator with the owner's leave, steps over from control. Cell only."""

from django.urls import path

from saas.identity import views

urlpatterns = [
    path("support/<str:token>", views.enter_support, name="enter_support"),
    path("<str:token>", views.enter, name="enter"),
]
