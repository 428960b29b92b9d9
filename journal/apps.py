from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow trades, accounts and traders wherever they go; answer for what persons wrote."""
        from accounts import persons
        from journal import schema  # noqa: F401 - the schema registers itself
        from journal.actions import followers as ours
        from journal.persons import KEEPER
        from ledger import succession
        from traders import followers

        succession.register(succession.Follower(cares=ours.cares, follow=ours.follow))
        followers.register(followers.Follower(moved=ours.moved, merging=ours.merging))
        persons.register(KEEPER)
