"""Shapes of the account endpoints."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers

from accounts import addresses
from common.api import Flag, Id, Params, Text
from common.api.fields import Line


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
    """A log-in, and what belongs to it."""

    id = serializers.IntegerField(help_text="number of the log-in")
    username = serializers.CharField(help_text="for display; the e-mail address logs in")
    email = serializers.EmailField(help_text="verified")
    first_name = serializers.CharField(allow_blank=True, help_text="may be empty")
    last_name = serializers.CharField(allow_blank=True, help_text="may be empty")
    is_admin = serializers.BooleanField(help_text="sees every trader of the own group")
    group = serializers.IntegerField(
        source="group_id", allow_null=True, help_text="id of the own group; null: none as yet"
    )
    trader = serializers.IntegerField(
        source="trader_id", allow_null=True, help_text="id of the own trader; null without one"
    )
    opt_out = serializers.BooleanField(help_text="left out of comparative analytics")


class LoginIn(serializers.Serializer[Any]):
    """What a log-in is proved with."""

    email = Address(help_text="of the log-in; capitals make no difference")
    password = Password(help_text="taken as it is, spaces included")


class RegistrationIn(serializers.Serializer[Any]):
    """A log-in that is asked for."""

    username = Username(help_text="letters, digits and @ . + - _; capitals make no difference")
    email = Address(help_text="where the link to verify it is mailed to")
    password = Password(help_text="8 characters or more, not a common one, not like the others")


class KeyIn(serializers.Serializer[Any]):
    """The key of a mail."""

    key = Text(max_length=128, help_text="from the link in the mail")


class AddressIn(serializers.Serializer[Any]):
    """Where a mail is asked for."""

    email = Address(help_text="of the log-in; capitals make no difference")


class NewPasswordIn(serializers.Serializer[Any]):
    """A new password, twice."""

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
    old_password = Password(help_text="the one that is valid now")


class RefreshIn(serializers.Serializer[Any]):
    """The token that keeps a session alive."""

    refresh = Text(max_length=4096, help_text="the last `refresh_token` that was answered")


class VerifyIn(serializers.Serializer[Any]):
    """A token to be tried."""

    token = Text(max_length=4096, help_text="an access or a refresh token")


class TokensOut(serializers.Serializer[Any]):
    """A pair of tokens."""

    access_token = serializers.CharField(
        help_text="for the header `Authorization: Bearer ...` of every request"
    )
    refresh_token = serializers.CharField(help_text="for `token/refresh`, once")


class SessionOut(TokensOut):
    """A session that has just begun."""

    user = UserOut(help_text="who is logged in")


class DetailOut(serializers.Serializer[Any]):
    """What has happened."""

    detail = serializers.CharField(help_text="one sentence for a person")


class Name(Line):
    """A person's name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=150, allow_blank=True, **kwargs)


class NamesIn(serializers.Serializer[Any]):
    """The names that a user may change; one that is left out stays."""

    first_name = Name(required=False, help_text="may be empty")
    last_name = Name(required=False, help_text="may be empty")


class OptOutIn(serializers.Serializer[Any]):
    """Whether to be left out."""

    opt_out = Flag(default=None, help_text="without a body: toggles")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that names it wrongly: a toggle could show who wants to be hidden."""
        attrs = super().validate(attrs)
        if attrs["opt_out"] is None and self.initial_data:
            raise serializers.ValidationError({"opt_out": ["Give it, or send no body to toggle"]})
        return attrs


class OptOutOut(serializers.Serializer[Any]):
    """What holds from now on."""

    opt_out = serializers.BooleanField(help_text="left out of comparative analytics")


class PersonalParams(Params):
    """Whose trades: for every endpoint under personal/."""

    trader = Id(default=None, help_text="id of a trader of the own group; admins only")
    sim = serializers.BooleanField(default=False, help_text="sim accounts instead of live ones")


class TradersParams(Params):
    archived = serializers.BooleanField(
        default=False, help_text="archived traders instead of active ones"
    )
