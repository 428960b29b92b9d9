from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Answer for the books of persons."""
        from accounts import persons
        from ledger.persons import KEEPER

        persons.register(KEEPER)
