"""Shapes of the account endpoints."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import Flag, Id, Params, Text


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
    email = serializers.EmailField(max_length=254)
    password = Text(max_length=128, trim_whitespace=False)


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


class NamesIn(serializers.Serializer[Any]):
    first_name = Text(max_length=150, allow_blank=True, required=False)
    last_name = Text(max_length=150, allow_blank=True, required=False)


class OptOutIn(serializers.Serializer[Any]):
    opt_out = Flag(default=None, help_text="left out: toggles")


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
