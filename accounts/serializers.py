"""Shapes of the account endpoints."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers

from accounts import addresses
from common.api import Flag, Id, Params, Text

# Control characters, ends of lines, and what turns the direction of reading around.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Address(serializers.EmailField):
    """An e-mail address, in the one way in which we write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or len(data) > 254:
            self.fail("invalid")
        try:
            return addresses.spelling(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid")


class Username(Text):
    """A name without spaces; compatibility forms become plain letters (NFKC)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=150, validators=[UnicodeUsernameValidator()], **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_internal_value(data))


class Password(Text):
    """Taken as it is, spaces included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=128, trim_whitespace=False, **kwargs)


class UserOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.EmailField()
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    is_admin = serializers.BooleanField(help_text="sees every trader of the own group")
    group = serializers.IntegerField(source="group_id", allow_null=True)
    trader = serializers.IntegerField(source="trader_id", allow_null=True)
    opt_out = serializers.BooleanField(help_text="left out of comparative analytics")


class LoginIn(serializers.Serializer[Any]):
    email = Address()
    password = Password()


class RegistrationIn(serializers.Serializer[Any]):
    username = Username(help_text="letters, digits and @ . + - _; capitals make no difference")
    email = Address()
    password = Password(help_text="8 characters or more, not a common one, not like the others")


class KeyIn(serializers.Serializer[Any]):
    key = Text(max_length=128, help_text="from the link in the mail")


class AddressIn(serializers.Serializer[Any]):
    email = Address()


class NewPasswordIn(serializers.Serializer[Any]):
    """A new password, twice; read as `password`."""

    new_password1 = Password(help_text="as in a registration")
    new_password2 = Password(help_text="the same again")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        attrs["password"] = attrs.pop("new_password1")
        if attrs.pop("new_password2") != attrs["password"]:
            raise serializers.ValidationError({"new_password2": ["The two passwords differ"]})
        return attrs


class ResetIn(NewPasswordIn):
    uid = Text(max_length=64, help_text="from the link in the mail")
    token = Text(max_length=128, help_text="from the link in the mail")


class ChangeIn(NewPasswordIn):
    old_password = Password()


class RefreshIn(serializers.Serializer[Any]):
    refresh = Text(max_length=4096)


class VerifyIn(serializers.Serializer[Any]):
    token = Text(max_length=4096, help_text="an access or a refresh token")


class TokensOut(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()


class SessionOut(TokensOut):
    user = UserOut()


class DetailOut(serializers.Serializer[Any]):
    detail = serializers.CharField()


class Name(Text):
    """A person's name: one line that reads in the order in which it is written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=150, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if _UNSEEN.search(name):
            self.fail("invalid")
        return name


class NamesIn(serializers.Serializer[Any]):
    first_name = Name(required=False)
    last_name = Name(required=False)


class OptOutIn(serializers.Serializer[Any]):
    opt_out = Flag(default=None, help_text="without a body: toggles")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that names it wrongly: a toggle could show who wants to be hidden."""
        attrs = super().validate(attrs)
        if attrs["opt_out"] is None and self.initial_data:
            raise serializers.ValidationError({"opt_out": ["Give it, or send no body to toggle"]})
        return attrs


class OptOutOut(serializers.Serializer[Any]):
    opt_out = serializers.BooleanField()


class PersonalParams(Params):
    """Whose trades: for every endpoint under personal/."""

    trader = Id(default=None, help_text="id of a trader of the own group; admins only")
    sim = serializers.BooleanField(default=False, help_text="sim accounts instead of live ones")


class TradersParams(Params):
    archived = serializers.BooleanField(
        default=False, help_text="archived traders instead of active ones"
    )
