"""Forms of log-ins: what is refused is said beside its field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet

from accounts import actions, addresses
from accounts.actions.people import Unproven
from accounts.models import CustomUser
from traders.admin import told

if TYPE_CHECKING:
    _Form = forms.ModelForm[CustomUser]
    _NewUserForm = AdminUserCreationForm[CustomUser]
    _UserForm = UserChangeForm[CustomUser]
else:  # Django's own cannot be subscripted at run time
    _Form, _NewUserForm, _UserForm = forms.ModelForm, AdminUserCreationForm, UserChangeForm

GIVEN = ("group", "trader", "is_admin", "is_staff", "is_superuser", "groups", "user_permissions")
LABELS = {"is_admin": "Admin of the group", "opt_out": "Opted out"}


class PlacedForm(_Form):
    """A user whose trader, if there is one, is of the user's group and nobody else's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "trader" in self.fields:
            self.fields["trader"].label_from_instance = told  # type: ignore[attr-defined]
        for name, label in LABELS.items():
            if name in self.fields:
                self.fields[name].label = label

    def clean_email(self) -> str:
        try:
            email = addresses.spelling(str(self.cleaned_data["email"]))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if self.others(email).exists():
            raise forms.ValidationError(actions.AddressTaken.message)
        return email

    def others(self, email: str) -> QuerySet[CustomUser]:
        """Return who has this address and keeps it."""
        return addresses.held_by(email).exclude(pk=self.instance.pk)

    def clean(self) -> dict[str, Any]:
        """Hold the trader until the form is saved, so that nobody else takes it meanwhile."""
        data = super().clean() or self.cleaned_data
        trader = data.get("trader")
        if trader is not None and data.get("group") is None:
            data["group"] = trader.group
        if "trader" in self.fields:
            try:
                actions.hold_place(user_id=self.instance.pk, group=data.get("group"), trader=trader)
            except (actions.OtherGroup, actions.TraderTaken) as refusal:
                self.add_error("trader", refusal.sentence)
        return data


class NewUserForm(PlacedForm, _NewUserForm):
    pending: CustomUser | None = None
    usable_password = forms.ChoiceField(
        label="Password",
        initial="false",
        required=False,
        choices={"false": "Mail an invitation: the user chooses one", "true": "Set one now"},
        widget=forms.RadioSelect(attrs={"class": "radiolist"}),
    )

    @property
    def is_invited(self) -> bool:
        return not self.cleaned_data["set_usable_password"]

    def others(self, email: str) -> QuerySet[CustomUser]:
        """A registration that nobody has verified gives way, with its address and its name."""
        self.pending = addresses.held_by(email).filter(addresses.PENDING).first()
        return super().others(email).exclude(pk=self.pending.pk if self.pending else 0)

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        taken = CustomUser.objects.filter(username__iexact=name)
        if taken.exclude(pk=self.pending.pk if self.pending else 0).exists():
            raise forms.ValidationError(actions.UsernameTaken.message)
        return name

    def _get_validation_exclusions(self) -> set[str]:
        found: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return found | ({"email", "username"} if self.pending else set())


class UserForm(PlacedForm, _UserForm):
    def clean(self) -> dict[str, Any]:
        """Give nothing to a registration that nobody has verified: who made it is not known."""
        data = super().clean()
        given = any(data.get(name) for name in GIVEN)
        mine = CustomUser.objects.filter(addresses.PENDING, pk=self.instance.pk)
        if given and mine.exists():
            raise forms.ValidationError(Unproven.message)
        return data
