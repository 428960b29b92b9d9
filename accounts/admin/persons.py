"""One person's data in the console: told as a file, and erased. For superusers, one at a time."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase

from accounts import persons
from accounts.models import CustomUser
from common import clock
from common.admin import operator
from common.choice import ask, confirmed

PERSON_DEEDS = ("export_person", "erase_person")
NO_WAY_BACK = """There is no way back. Gone are the log-in with its sessions, second factor and \
mails; the whole journal with its images, notes, own tags and comments; the names of the trader \
and of its accounts; the rows as the provider sent them.

Fills and trades stay, under a number: the group's figures do not change. Who opted out stays \
hidden. The log of deeds stays. Export the data first where that is wanted."""
Users = QuerySet[CustomUser]


class Typed(forms.Form):
    """The address of who is to be erased, typed once more."""

    email = forms.CharField(label="Type the e-mail address to erase the person")

    def __init__(self, user: CustomUser, *args: Any) -> None:
        super().__init__(*args)
        self.user = user

    def clean_email(self) -> str:
        typed = str(self.cleaned_data["email"]).strip()
        if typed.lower() != self.user.email.lower():
            raise forms.ValidationError("That is another address")
        return typed


class Persons:
    """Actions of the list of log-ins."""

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)  # type: ignore[misc]
        if not request.user.is_superuser:
            for name in PERSON_DEEDS:
                found.pop(name, None)
        return found

    @admin.action(description="Export a person's data as a zip")
    def export_person(self, request: HttpRequest, users: Users) -> HttpResponseBase | None:
        user = self._one(request, users)
        if user is None:
            return None
        person = persons.person_of(user)
        file = TemporaryFile()  # noqa: SIM115  the answer closes it
        persons.write(person, file, by=operator(request), at=clock.now(), source="console")
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=persons.file_name(person))

    @admin.action(description="Erase a person for good")
    def erase_person(self, request: HttpRequest, users: Users) -> HttpResponseBase | None:
        user = self._one(request, users)
        if user is None:
            return None
        if user == request.user:
            messages.error(request, "Nobody erases oneself: ask another superuser")
            return None
        form = Typed(user, confirmed(request))
        if not form.is_valid():
            page: Any = self
            return ask(
                page, request, [user], form, action="erase_person", title=f"Erase {user}?",
                text=NO_WAY_BACK, button="Erase",
            )  # fmt: skip
        done = persons.erase(
            persons.person_of(user), by=operator(request), at=clock.now(), source="console"
        )
        messages.success(request, f"Erased: {sum(done.values())} rows changed or gone")
        return None

    def _one(self, request: HttpRequest, users: Users) -> CustomUser | None:
        """Return the one that was selected, if who asks may do this."""
        if not request.user.is_superuser:
            messages.error(request, "Only a superuser may do this")
            return None
        found = list(users[:2])
        if len(found) != 1:
            messages.error(request, "Select one person: this is done to one at a time")
            return None
        return found[0]
