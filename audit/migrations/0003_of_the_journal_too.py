from django.db import migrations, models


class Migration(migrations.Migration):
    """Words alone."""

    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.AlterField(
            model_name="logentry",
            name="scope",
            field=models.TextField(help_text="authentication, user_management or journal"),
        ),
        migrations.AlterField(
            model_name="logentry",
            name="entity_type",
            field=models.TextField(help_text="custom_user, trader, group, trader_platform, tag"),
        ),
    ]
