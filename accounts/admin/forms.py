"""Forms of log-ins: what is refused is said beside its field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from accounts import actions
from accounts.models import CustomUser
from traders.admin import told

if TYPE_CHECKING:
    _Form = forms.ModelForm[CustomUser]
    _NewUserForm = AdminUserCreationForm[CustomUser]
    _UserForm = UserChangeForm[CustomUser]
else:  # Django's own cannot be subscripted at run time
    _Form, _NewUserForm, _UserForm = forms.ModelForm, AdminUserCreationForm, UserChangeForm

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
        email = str(self.cleaned_data["email"]).lower()
        others = CustomUser.objects.filter(email__iexact=email).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(actions.AddressTaken.message)
        return email

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


class UserForm(PlacedForm, _UserForm): ...
