from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import limits, persons, schema  # noqa: F401 - the schema registers itself
        from accounts.persons import log, log_ins, places

        limits.read_all()
        for keeper in (log_ins.KEEPER, places.KEEPER, log.KEEPER):
            persons.register(keeper)
