from django.apps import AppConfig


class ExecutorConfig(AppConfig):
    name = "provisioning.executor"
    label = "executor"
    default_auto_field = "django.db.models.BigAutoField"
