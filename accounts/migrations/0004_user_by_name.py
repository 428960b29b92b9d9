from django.db import migrations


class Migration(migrations.Migration):
    """What the console calls a log-in; the database is left alone."""

    dependencies = [("accounts", "0003_trader_of_group")]
    operations = [migrations.AlterModelOptions("customuser", {"verbose_name": "user"})]
