from django.apps import AppConfig


class FuturesConfig(AppConfig):
    name = "futures"
    default_auto_field = "django.db.models.BigAutoField"
