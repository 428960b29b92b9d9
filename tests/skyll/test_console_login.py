"""Who gets into the console, and how: password, second factor, and what is written down."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts import limits
from audit.models import LogEntry
from common import clock, store
from tests.factories import make_group, make_trader
from tests.skyll.console import PASSWORD, code, log_in, make_operator, set_up_app

pytestmark = pytest.mark.django_db

WRONG = "The e-mail address or the password is wrong"


def refused(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.context["form"].non_field_errors())


def get_in(client: Client, user) -> str:
    """Log in with a second factor; return the secret of the app."""
    log_in(client, user)
    return set_up_app(client)


def test_staff_log_in_and_the_log_says_so():
    group = make_group()
    trader = make_trader(group)
    olga, client = make_operator(group=group, trader=trader), Client()

    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/admin/account/login/?next=/admin/")
    answer = log_in(client, olga)
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200

    entry = LogEntry.objects.get(scope="authentication")
    assert (entry.action, entry.entity_id, entry.user_email) == ("login", olga.pk, olga.email)
    assert entry.trader_id_snapshot == trader.pk
    assert entry.changes["source"] == {"old": None, "new": "console"}
    olga.refresh_from_db()
    assert olga.last_login is not None


@pytest.mark.parametrize(
    ("given", "password"),
    [
        ({"is_staff": False, "is_superuser": False}, PASSWORD),
        ({"is_staff": False, "is_superuser": False, "is_admin": True}, PASSWORD),
        ({"is_active": False}, PASSWORD),
        ({}, "wrong"),
    ],
    ids=["no staff", "coach", "deactivated", "wrong password"],
)
def test_all_others_hear_the_same_sentence(given, password):
    user = make_operator(**given)
    assert refused(log_in(Client(), user, password)) == WRONG

    entry = LogEntry.objects.get()
    assert (entry.action, entry.entity_id) == ("login_failed", user.pk)
    assert entry.changes["source"]["new"] == "console"


def test_an_unknown_address_hears_it_too(db):
    answer = Client().post("/admin/account/login/", {"login": "no@desk.test", "password": "x"})
    assert refused(answer) == WRONG
    assert LogEntry.objects.get().entity_id is None


def test_tries_are_counted_together_with_those_of_the_api(settings, api):
    settings.LIMITS = settings.LIMITS | {"login.account": "2/15m"}
    olga = make_operator()
    log_in(Client(), olga, "wrong")
    api.post("/api/v1/auth/login", {"email": olga.email, "password": "wrong"})

    assert refused(log_in(Client(), olga)).startswith("Too many tries: try again in 15 minutes")
    assert limits.locked("login", account=olga.email, at=clock.now())


def test_logging_out_ends_the_session():
    client = Client()
    log_in(client, make_operator())
    assert client.post("/admin/logout/")["Location"] == "/admin/account/login/"
    assert client.get("/admin/").status_code == 302


def test_a_deactivated_operator_is_out_at_the_next_request():
    olga, client = make_operator(), Client()
    log_in(client, olga)
    olga.is_active = False
    olga.save()
    assert client.get("/admin/").status_code == 302


def test_who_is_no_longer_staff_is_led_to_the_log_in():
    olga, client = make_operator(), Client()
    log_in(client, olga)
    olga.is_staff = olga.is_superuser = False
    olga.save()
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/admin/account/login/")
    assert answer.status_code == 200


def test_nothing_else_of_allauth_is_offered():
    for name in ("account_signup", "account_email", "account_reset_password", "mfa_add_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    client = Client()
    log_in(client, make_operator())
    for path in ("", "signup/", "email/", "password/reset/", "inactive/", "3rdparty/"):
        assert client.get(f"/admin/account/{path}").status_code == 404


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.SECOND_FACTOR_REQUIRED = True

    def test_without_one_there_is_only_the_page_that_sets_it_up(self):
        olga, client = make_operator(), Client()
        log_in(client, olga)
        only = "/admin/account/second-factor/set/"
        for path in ("/admin/", "/admin/accounts/customuser/", "/admin/password_change/"):
            assert client.get(path, follow=True).redirect_chain[-1][0] == only
        for path in ("second-factor/", "second-factor/remove/", "recovery-codes/"):
            assert client.get(f"/admin/account/{path}")["Location"] == only
        assert client.get(only).status_code == 200

    def test_set_up_then_asked_for_at_each_log_in(self):
        olga, client = make_operator(), Client()
        secret = get_in(client, olga)
        assert client.get("/admin/").status_code == 200
        entry = LogEntry.objects.get(action="second_factor")
        assert (entry.entity_id, entry.user_email) == (olga.pk, olga.email)
        assert entry.changes["second_factor"] == {"old": False, "new": True}
        assert secret not in str(entry.changes)

        client.post("/admin/logout/")
        logins = LogEntry.objects.filter(action="login")
        before = logins.count()
        answer = log_in(client, olga)
        assert answer["Location"] == "/admin/account/login/code/"
        assert client.get("/admin/").status_code == 302
        assert logins.count() == before  # not in yet
        answer = client.post("/admin/account/login/code/", {"code": code(secret)})
        assert answer["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200
        assert logins.count() == before + 1

    def test_the_secret_is_sealed_at_rest(self):
        olga, client = make_operator(), Client()
        secret = get_in(client, olga)
        assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))

    def test_a_session_from_before_the_factor_has_to_show_it(self, settings):
        settings.SECOND_FACTOR_REQUIRED = False
        olga, old, new = make_operator(), Client(), Client()
        log_in(old, olga)
        assert old.get("/admin/").status_code == 200
        secret = get_in(new, olga)

        asked = "/admin/account/again/code/?next="
        assert old.get("/admin/", follow=True).redirect_chain[-1][0].startswith(asked)
        for path in ("second-factor/", "second-factor/remove/", "recovery-codes/"):
            assert old.get(f"/admin/account/{path}")["Location"].startswith(asked)
        # the password is not enough
        old.post("/admin/account/again/", {"password": PASSWORD})
        assert old.get("/admin/").status_code == 302
        old.post("/admin/account/again/code/", {"code": code(secret)})
        assert old.get("/admin/").status_code == 200

    def test_a_code_works_once_even_while_the_fast_store_is_down(self, monkeypatch):
        olga, client = make_operator(), Client()
        secret = get_in(client, olga)

        def down(*_):
            raise store.Down

        monkeypatch.setattr(store, "ask", down)
        one, two = Client(), Client()
        for each in (one, two):
            log_in(each, olga)
        shown = code(secret)
        assert one.post("/admin/account/login/code/", {"code": shown}).status_code == 302
        assert two.post("/admin/account/login/code/", {"code": shown}).status_code == 200

    def test_five_wrong_codes_and_no_more(self):
        olga, client = make_operator(), Client()
        secret = get_in(client, olga)
        other = Client()
        log_in(other, olga)
        page = "/admin/account/login/code/"
        for _ in range(5):
            answer = other.post(page, {"code": "000000"})
            assert answer.context["form"].errors["code"] == ["Incorrect code."]
        assert LogEntry.objects.filter(action="login_failed").count() == 5
        answer = other.post(page, {"code": code(secret)})
        assert "Too many tries" in answer.context["form"].errors["code"][0]

    def test_a_recovery_code_lets_in_once(self):
        olga, client = make_operator(), Client()
        get_in(client, olga)
        spare = client.get("/admin/account/recovery-codes/").context["unused_codes"][0]
        client.post("/admin/logout/")
        log_in(client, olga)
        assert client.post("/admin/account/login/code/", {"code": spare}).status_code == 302
        assert client.get("/admin/").status_code == 200
        again = Client()
        log_in(again, olga)
        assert again.post("/admin/account/login/code/", {"code": spare}).status_code == 200

    def test_removing_it_leads_back_to_setting_one_up(self):
        olga, client = make_operator(), Client()
        get_in(client, olga)
        client.post("/admin/account/second-factor/remove/")
        assert not Authenticator.objects.exists()
        assert LogEntry.objects.filter(action="second_factor").count() == 2
        only = "/admin/account/second-factor/set/"
        assert client.get("/admin/", follow=True).redirect_chain[-1][0] == only

    def test_the_password_is_asked_for_again_later(self):
        olga, client = make_operator(), Client()
        get_in(client, olga)
        with time_machine.travel(clock.now().timestamp() + 600):
            answer = client.get("/admin/account/recovery-codes/")
            assert answer["Location"].startswith("/admin/account/again/?next=")
            answer = client.post(answer["Location"], {"password": PASSWORD})
            assert client.get("/admin/account/recovery-codes/").status_code == 200

    def test_a_password_changed_between_password_and_code_stops_the_log_in(self):
        olga, client = make_operator(), Client()
        secret = get_in(client, olga)
        other = Client()
        log_in(other, olga)
        olga.set_password("another one entirely")
        olga.save()
        other.post("/admin/account/login/code/", {"code": code(secret)})
        assert other.get("/admin/").status_code == 302

    def test_a_secret_sealed_with_another_key_is_no_fault_of_ours(self, settings):
        olga, client = make_operator(), Client()
        secret = get_in(client, olga)
        settings.SEALING_KEY = "another key than the one before, long enough"
        other = Client()
        log_in(other, olga)
        answer = other.post("/admin/account/login/code/", {"code": code(secret)})
        assert "cannot be checked" in answer.context["form"].errors["code"][0]
        assert client.get("/admin/account/recovery-codes/")["Location"] == (
            "/admin/account/second-factor/"
        )


def test_a_coach_gets_no_page(desk):
    client = Client()
    client.force_login(desk.cora)
    assert client.get("/admin/account/second-factor/").status_code == 302
