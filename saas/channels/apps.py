from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "saas.channels"
    label = "channels"
