"""Addresses of store cards: /cards for the member, /seller/cards for the store."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_bookings, views_cards

app_name = "cards"
urlpatterns: list[URLPattern] = [
    path("cards", views_cards.cards, name="cards"),
    path("cards/shop", views_cards.shop, name="shop"),
    path("cards/shop/<str:ulid>", views_cards.offer, name="offer"),
    path("cards/<str:ulid>", views_cards.card, name="card"),
    path("cards/<str:ulid>/code", views_cards.code, name="code"),
    path("cards/<str:ulid>/return", views_cards.give_back, name="return"),
    path("cards/<str:ulid>/book", views_bookings.book, name="book"),
    path("bookings/<str:ulid>/cancel", views_bookings.cancel, name="booking_cancel"),
    path("seller/bookings", views_bookings.day, name="day"),
    path("seller/bookings/<str:ulid>/cancel", views_bookings.cancel_at_store, name="day_cancel"),
    path("seller/cards", views_cards.redeem, name="redeem"),
]
