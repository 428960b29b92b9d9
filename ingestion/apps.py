from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "ingestion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the ledger, when it reconciles, how far the fills have been read."""
        from ingestion.queries.read_to import read_to
        from ledger import reconciliation

        reconciliation.register(read_to)
