"""The relay serves nothing."""

urlpatterns: list[object] = []
