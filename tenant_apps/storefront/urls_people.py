"""Addresses of a shopper's own pages: /me, /team, /poster."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_ads, views_people, views_rehearsal, views_sharing, views_standing

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("me", views_people.me, name="me"),
    path("me/profile", views_people.profile, name="profile"),
    path("me/addresses", views_people.addresses, name="addresses"),
    path("me/addresses/new", views_people.address, name="address_new"),
    path("me/addresses/<str:ulid>", views_people.address, name="address"),
    path("me/addresses/<str:ulid>/remove", views_people.remove_address, name="address_remove"),
    path("me/divisions", views_people.divisions, name="divisions"),
    path("me/export", views_people.export, name="export"),
    path("me/close", views_people.close, name="close"),
    path("rehearsal/back", views_rehearsal.back_to_staff, name="back_to_staff"),
    path("partner", views_standing.partner, name="partner"),
    path("ads", views_ads.ads, name="ads"),
    path("ads/<str:ulid>", views_ads.ad, name="ad"),
    path("ads/<str:ulid>/start", views_ads.start, name="ad_start"),
    path("ads/<str:ulid>/finish", views_ads.finish, name="ad_finish"),
    path("rank", views_standing.rank, name="rank"),
    path("team", views_sharing.team, name="team"),
    path("team/confirm", views_sharing.confirm_referrer, name="confirm_referrer"),
    path("team/object", views_sharing.object_to_referrer, name="object"),
    path("team/promote", views_sharing.promote, name="promote"),
    path("poster", views_sharing.poster, name="poster"),
    path("poster.png", views_sharing.poster_image, name="poster_image"),
]
