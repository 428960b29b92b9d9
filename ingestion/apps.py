from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "ingestion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the ledger, when it reconciles, how far the fills have been read.

        And answer for the rows of persons as they came.
        """
        from accounts import persons
        from ingestion.persons import KEEPER
        from ingestion.queries.read_to import read_to
        from ledger import reconciliation

        reconciliation.register(read_to)
        persons.register(KEEPER)
