"""Five categories with six tags each; the ids stay for good."""

from django.db import migrations

TAXONOMY = {
    "Tech": ("Breakout", "Pullback", "Reversal", "Range", "Trend", "Other"),
    "Fundamental": ("Macro", "Supply and demand", "Seasonality", "Spread value", "Inventory", "Other"),
    "Flow": ("Order book", "Volume", "Absorption", "Large trader", "Momentum", "Other"),
    "Event": ("Scheduled release", "Central bank", "Headline", "Open or close", "Roll or expiry", "Other"),
    "Mind": ("Planned", "Conviction", "Impulse", "Revenge", "Fear of missing out", "Other"),
}


def plant(apps, schema_editor):
    tags = apps.get_model("journal", "Tag").objects
    number = len(TAXONOMY)
    for place, (category, names) in enumerate(TAXONOMY.items(), 1):
        tags.create(id=place, layer=1, name=category, position=place)
        for position, name in enumerate(names, 1):
            number += 1
            tags.create(id=number, layer=2, parent_id=place, name=name, position=position)
    schema_editor.execute(
        "SELECT setval(pg_get_serial_sequence('journal_tag', 'id'), (SELECT max(id) FROM journal_tag))"
    )


class Migration(migrations.Migration):

    dependencies = [("journal", "0002_tags_notes_entries")]

    operations = [migrations.RunPython(plant, migrations.RunPython.noop)]
