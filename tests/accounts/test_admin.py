"""Log-ins in the console: made, linked, changed, looked at."""

import pytest
from django.test import Client

from accounts.actions import confirm_address
from accounts.models import CustomUser
from audit.models import LogEntry
from tests import mails
from tests.accounts.operator import (
    ADD,
    LIST,
    PASSWORD,
    errors,
    form_of,
    new_user,
    operator_client,
    page_of,
)
from tests.factories import make_account, make_group, make_trader, make_user

LOGIN = "/api/v1/auth/login"


@pytest.fixture
def operator(desk) -> Client:
    return operator_client()


def deeds(user: CustomUser) -> dict[str, dict]:
    rows = LogEntry.objects.filter(scope="user_management", entity_id=user.pk)
    return {row.action: row.changes for row in rows.filter(entity_type="custom_user")}


def test_a_user_made_here_can_log_in(desk, operator, api):
    trader = make_trader(desk.group)
    answer = operator.post(ADD, new_user(desk.group, trader=trader.pk, is_admin="on"))

    assert answer.status_code == 302, errors(answer)
    answer = api.post(LOGIN, {"email": "finn@desk.test", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"]["trader"] == trader.pk
    created = deeds(CustomUser.objects.get(username="finn"))["create"]
    assert created["trader"] == {"old": None, "new": trader.pk}
    assert created["source"] == {"old": None, "new": "console"}
    assert PASSWORD not in str(created)
    assert mails.arriving() == []


def test_an_invited_user_chooses_a_password_and_logs_in(desk, operator, api):
    form = new_user(desk.group, usable_password="false", password1="", password2="")
    assert operator.post(ADD, form).status_code == 302

    mail = mails.only()
    assert mail.to == "finn@desk.test"
    words = mail.query
    chosen = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    answer = api.post("/api/v1/auth/password/reset/confirm", words | chosen)
    assert answer.status_code == 200, answer.json()
    answer = api.post(LOGIN, {"email": "finn@desk.test", "password": PASSWORD})
    assert answer.status_code == 200


def test_an_invitation_is_what_the_page_proposes(operator):
    page = operator.get(ADD)
    assert page.context["adminform"].form["usable_password"].initial == "false"


def test_a_password_set_here_must_be_good(desk, operator):
    told = errors(operator.post(ADD, new_user(desk.group, password1="123", password2="123")))
    assert "too short" in str(told["password2"])
    told = errors(operator.post(ADD, new_user(desk.group, password1="", password2="")))
    assert "required" in str(told["password1"])


@pytest.mark.parametrize("page", ["add", "change"])
def test_what_is_refused_is_said_beside_its_field(desk, operator, page):
    """Another group's trader, and one who has a log-in."""
    finn = make_user("other", group=desk.group)
    stranger = make_trader(make_group())

    def post(**given):
        if page == "add":
            return operator.post(ADD, new_user(desk.group, **given))
        return operator.post(page_of(finn), form_of(finn, **given))

    assert errors(post(trader=stranger.pk)) == {"trader": ["The trader belongs to another group"]}
    assert errors(post(trader=desk.ana.trader_id)) == {
        "trader": ["The trader has a log-in already: unlink that one first"]
    }
    assert errors(post(email="ANA@desk.test")) == {
        "email": ["The e-mail address has a log-in already"]
    }
    assert not deeds(finn)


def test_a_trader_brings_its_group(desk, operator):
    trader = make_trader(desk.group)
    assert operator.post(ADD, new_user(None, trader=trader.pk)).status_code == 302
    assert CustomUser.objects.get(username="finn").group == desk.group


def test_a_group_that_the_trader_is_not_in(desk, operator):
    answer = operator.post(page_of(desk.ana), form_of(desk.ana, group=desk.sven.group_id))
    assert errors(answer) == {"trader": ["The trader belongs to another group"]}


def test_one_save_is_a_row_of_the_log_for_each_kind_of_deed(desk, operator):
    ana = desk.ana
    given = {"first_name": "Ana", "trader": "", "is_admin": "on", "opt_out": "on"}
    assert operator.post(page_of(ana), form_of(ana, **given)).status_code == 302

    told = deeds(ana)
    assert set(told) == {"update", "unlink", "role", "opt_out"}
    assert told["unlink"]["trader"] == {"old": ana.trader_id, "new": None}
    assert told["opt_out"]["opt_out"] == {"old": False, "new": True}
    by = LogEntry.objects.filter(entity_id=ana.pk).values_list("user_email", flat=True)
    assert set(by) == {"olga@desk.test"}


def test_rights_are_written_down_when_their_rows_are_in(desk, operator):
    answer = operator.post(
        page_of(desk.ana), form_of(desk.ana, is_staff="on", user_permissions=[1])
    )
    assert answer.status_code == 302
    told = deeds(desk.ana)["role"]
    assert told["is_staff"] == {"old": False, "new": True}
    assert len(told["permissions"]["new"]) == 1


def test_a_new_address_counts_as_verified(desk, operator, api):
    ana = desk.ana
    ana.set_password(PASSWORD)
    ana.save()
    assert operator.post(page_of(ana), form_of(ana, email="New@desk.test")).status_code == 302
    assert api.post(LOGIN, {"email": "new@desk.test", "password": PASSWORD}).status_code == 200
    assert api.post(LOGIN, {"email": "ana@desk.test", "password": PASSWORD}).status_code == 401


def test_saving_without_a_change_writes_nothing(desk, operator):
    assert operator.post(page_of(desk.ana), form_of(desk.ana)).status_code == 302
    assert not deeds(desk.ana)


def test_the_page_shows_the_last_ten_log_ins(desk, operator, api):
    ana = make_user("anna", group=desk.group, password=PASSWORD)
    for number in range(8):
        word = "wrong" if number % 2 else PASSWORD
        api.post(LOGIN, {"email": ana.email, "password": word})
    operator.post("/admin/account/login/", {"login": ana.email, "password": PASSWORD})
    page = operator.get(page_of(ana)).content.decode()
    assert page.count(" · api") == 8
    assert page.count("refused: wrong password") == 4
    assert "4 open" in page


def test_a_lock_is_shown(desk, operator, api, settings):
    settings.LIMITS = settings.LIMITS | {"login.account": "1/15m"}
    assert ">no<" in operator.get(page_of(desk.ana)).content.decode()
    api.post(LOGIN, {"email": desk.ana.email, "password": "wrong"})
    assert "log-in until" in operator.get(page_of(desk.ana)).content.decode()


def test_the_search_box_shows_whom_it_offers(desk, operator):
    trader = make_trader(desk.group, "Nameless", accounts=0)
    make_account(trader, "XY-4711")
    make_account(trader, "XY-4712")
    asked = {"app_label": "accounts", "model_name": "customuser", "field_name": "trader"}

    def offered(term: str) -> list[str]:
        answer = operator.get("/admin/autocomplete/", {**asked, "term": term})
        return [row["text"] for row in answer.json()["results"]]

    assert offered("4711") == ["Nameless · Desk · XY-4711, XY-4712"]
    (ana,) = offered("Ana")
    assert ana.endswith(" · log-in ana@desk.test")


def test_the_page_of_a_user_names_the_trader_with_its_accounts(desk, operator):
    account = desk.ana.trader.accounts.get().account
    page = operator.get(page_of(desk.ana)).content.decode()
    assert f"Ana · Desk · {account}" in page


@pytest.mark.parametrize("asked", ["ana@", "ana", "Ana"])
def test_the_list_is_searched(desk, operator, asked):
    found = operator.get(LIST, {"q": asked}).context["cl"].result_list
    assert desk.ana in found
    assert desk.bo not in found


def test_the_list_is_filtered_by_who_has_no_trader(desk, operator):
    found = operator.get(LIST, {"trader__isempty": "1"}).context["cl"].result_list
    assert desk.cora in found
    assert desk.ana not in found


def test_addresses_that_were_somebody_elses_before(desk, operator):
    """A user whose old address is free again for others."""
    confirm_address(desk.ana)
    operator.post(page_of(desk.ana), form_of(desk.ana, email="new@desk.test"))
    assert operator.post(ADD, new_user(desk.group, email="ana@desk.test")).status_code == 302


class TestUnverifiedRegistrations:
    """Anybody may have made one with the address of another, and knows its password."""

    @pytest.fixture
    def pending(self, db) -> CustomUser:
        return make_user("finn", password="a password of a stranger", verified=False)

    def test_one_gives_way_to_a_log_in_made_here(self, desk, operator, api, pending):
        assert operator.post(ADD, new_user(desk.group)).status_code == 302
        finn = CustomUser.objects.get(email=pending.email)
        assert finn.pk != pending.pk
        assert api.post(LOGIN, {"email": finn.email, "password": PASSWORD}).status_code == 200
        assert set(deeds(pending)) == {"delete"}

    def test_one_stays_while_the_form_is_refused(self, desk, operator, pending):
        told = errors(operator.post(ADD, new_user(desk.group, password2="other")))
        assert set(told) == {"password2"}
        assert CustomUser.objects.filter(pk=pending.pk).exists()

    def test_names_of_others_stay_taken(self, desk, operator, pending):
        told = errors(operator.post(ADD, new_user(desk.group, username="ANA")))
        assert told == {"username": ["The username is taken"]}

    @pytest.mark.parametrize("given", [{"is_admin": "on"}, {"is_staff": "on"}, {"group": 1}])
    def test_one_is_given_nothing(self, desk, operator, pending, given):
        given = {"group": desk.group.pk} if "group" in given else given
        told = errors(operator.post(page_of(pending), form_of(pending, **given)))
        assert "Nobody has verified" in told["__all__"][0]
        assert operator.post(page_of(pending), form_of(pending, last_name="F")).status_code == 302
