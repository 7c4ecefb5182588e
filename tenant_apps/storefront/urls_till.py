"""Addresses of the shopper's side of a till: his code, and what he pays."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_till

app_name = "till"
urlpatterns: list[URLPattern] = [
    path("me/code", views_till.my_code, name="code"),
    path("me/code/asked", views_till.asked, name="asked"),
    path("me/code/<str:code>", views_till.scan, name="scan"),
    path("t/charge/<str:ulid>", views_till.charge, name="charge"),
    path("t/charge/<str:ulid>/decline", views_till.decline, name="decline"),
    path("t/<str:code>", views_till.pay, name="pay"),
]
