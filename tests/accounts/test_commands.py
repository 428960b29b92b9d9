"""Log-ins from the console: safe to run twice, written down, errors that say how to mend them."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError

from accounts.models import CustomUser, Letter
from accounts.sessions import open_session
from common import clock
from common.operator import operator
from tests.accounts.steps import log_in
from tests.audit.reading import told
from tests.factories import make_account, make_group, make_trader, make_user
from traders.models import Platform, PlatformAccount

PASSWORD = "correct horse battery"
EMAIL = "finn@desk.test"
CONSOLE = {"source": (None, "console")}

pytestmark = pytest.mark.django_db


def run(*words: object) -> str:
    said = StringIO()
    call_command(*map(str, words), stdout=said)
    return said.getvalue().strip()


def create(*words: object, email: str = EMAIL) -> str:
    return run("create_user", "--email", email, *words)


def link(*words: object, email: str = EMAIL) -> str:
    return run("link_trader", "--email", email, *words)


@pytest.fixture
def typed(monkeypatch):
    """Say what stands on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", StringIO(text))


def finn() -> CustomUser:
    return CustomUser.objects.get(email=EMAIL)


# -- create_user --------------------------------------------------------------------------------
def test_a_random_password_is_shown_once_and_opens_the_door(desk):
    trader = make_trader(desk.group, "Finn")

    first, password = create("--trader", trader.pk, email="Finn@Desk.test").splitlines()

    assert first == f"{EMAIL}: made, username finn, group Desk, trader Finn, password set"
    shown = password.removeprefix("Password, shown this once: ")
    answer = log_in(EMAIL, shown)
    assert answer.status_code == 200
    assert answer.json()["user"]["trader"] == trader.pk
    assert EmailAddress.objects.filter(user=finn(), verified=True, primary=True).exists()
    assert create("--trader", trader.pk) == f"{EMAIL}: nothing to change"
    assert finn().check_password(shown)
    assert [deed for deed, _ in told(user_email=operator(), scope="user_management")] == ["create"]


def test_a_second_run_changes_what_is_named_and_differs(desk):
    create("--group", "Desk", "--admin")
    open_session(finn(), at=clock.now())

    assert create("--group", "Desk", "--opt-out", "--no-admin", "--first-name", "Finn") == (
        f"{EMAIL}: changed, first_name Finn, is_admin no, opt_out yes"
    )

    assert (finn().opt_out, finn().is_admin, finn().group) == (True, False, desk.group)
    assert finn().sessions.filter(ended_at=None).exists()
    assert sorted(told()[1:]) == [
        ("opt_out", {"opt_out": (False, True)} | CONSOLE),
        ("role", {"is_admin": (True, False)} | CONSOLE),
        ("update", {"first_name": ("", "Finn")} | CONSOLE),
    ]


def test_a_password_from_standard_input(desk, typed):
    typed(f"{PASSWORD}\n")
    assert "shown this once" not in create("--password-stdin")
    assert log_in(EMAIL, PASSWORD).status_code == 200

    typed(f"{PASSWORD}\nsecond line\n")
    assert create("--password-stdin") == f"{EMAIL}: nothing to change"

    open_session(finn(), at=clock.now())
    typed("another one entirely")
    assert create("--password-stdin") == f"{EMAIL}: changed, password set"
    assert finn().check_password("another one entirely")
    assert not finn().sessions.filter(ended_at=None).exists()
    assert [deed for deed, _ in told(scope="user_management")] == ["create", "password"]


def test_an_invitation_is_mailed_once_while_it_is_good(desk, typed):
    assert create("--invite").endswith("invitation on its way")
    assert create("--invite") == f"{EMAIL}: nothing to change"

    assert not finn().has_usable_password()
    assert list(Letter.objects.values_list("kind", "email")) == [("invitation", EMAIL)]
    Letter.objects.update(created_at="2026-01-01T00:00Z")
    assert create("--invite") == f"{EMAIL}: changed, invitation on its way"
    typed(PASSWORD)
    create("--password-stdin")
    Letter.objects.all().delete()
    assert create("--invite") == f"{EMAIL}: nothing to change"


def test_a_superuser_is_staff_unless_told_otherwise(db):
    create("--superuser")
    assert (finn().is_superuser, finn().is_staff) == (True, True)
    create("--superuser", "--no-staff")
    assert (finn().is_superuser, finn().is_staff) == (True, False)


def test_the_log_names_whom_by_names(desk):
    create("--by", "cora@desk.test")

    assert told(user_email="cora@desk.test") == told()


def test_two_with_the_same_name_before_the_at(desk):
    create(email="ana@home.test")

    assert CustomUser.objects.get(email="ana@home.test").username == "ana@home.test"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--group", "Nowhere"], "no group called Nowhere: make it in the admin, or take Desk, "),
        (["--trader", 999_999], "no trader 999999: find the id in the admin"),
        (["--account", "XX"], "no account XX: it comes in with the next poll"),
        (["--username", "ana"], "username is taken: name another one with --username"),
        (["--username", "a b"], "username: Enter a valid username"),
        (["--password-stdin"], "no password on standard input: write one"),
    ],
)
def test_errors_of_create_user(desk, typed, words, sentence):
    typed("\n")
    count = CustomUser.objects.count()

    with pytest.raises(CommandError, match=sentence):
        create(*words)

    assert (CustomUser.objects.count(), told()) == (count, [])


def test_more_errors_of_create_user(desk, typed):
    with pytest.raises(CommandError, match="has a log-in already: unlink that one first"):
        create("--trader", desk.ana.trader_id)
    with pytest.raises(CommandError, match="another group: leave out --group, or name the tra"):
        create("--trader", make_trader(desk.group).pk, "--group", "Elsewhere")
    with pytest.raises(CommandError, match="Enter a valid email address"):
        create(email="nonsense")
    typed("12345678\n")
    with pytest.raises(CommandError, match="too common"):
        create("--password-stdin")
    assert told() == []


# -- link_trader --------------------------------------------------------------------------------
def test_linked_by_id_or_by_account_and_unlinked(desk):
    make_user("finn", group=desk.group)
    trader = make_trader(desk.group, "Finn", accounts=0)
    make_account(trader, "XY-4711")
    make_account(trader, "XY-4711 b")

    linked = f"{EMAIL}: linked to Finn (trader {trader.pk})"
    assert link("--account", "XY-4711") == linked
    assert link("--trader", trader.pk) == f"{linked}, as before: nothing to change"
    assert link("--unlink") == f"{EMAIL}: linked to no trader"
    assert link("--unlink").endswith("nothing to change")

    assert told() == [
        ("link", {"trader": (None, trader.pk)} | CONSOLE),
        ("unlink", {"trader": (trader.pk, None)} | CONSOLE),
    ]


def test_an_account_of_several_traders_is_asked_about(desk):
    make_user("finn", group=desk.group)
    one, two = make_trader(desk.group, "One"), make_trader(desk.group, "Two")
    account = make_account(one, "SAME")
    other = Platform.objects.create(code="other", name="Other")
    PlatformAccount.objects.create(
        trader=two, platform=other, environment=account.environment, account="SAME"
    )

    with pytest.raises(CommandError, match=rf"--trader: {one.pk} \(One\), {two.pk} \(Two\)"):
        link("--account", "SAME")


def test_errors_of_link_trader(desk):
    make_user("finn", group=desk.group)
    for words, sentence in (
        (["--trader", desk.ana.trader_id], "has a log-in already: unlink that one first"),
        (["--trader", make_trader(make_group()).pk], "another group: move the log-in first"),
        (["--trader", 999_999], "There is no trader 999999"),
        ([], "one of the arguments --trader --account --unlink is required"),
    ):
        with pytest.raises(CommandError, match=sentence):
            link(*words)
    with pytest.raises(
        CommandError, match=r"make one with manage\.py create_user --email x@y\.test"
    ):
        link("--unlink", email="x@y.test")
    assert told() == []


# -- in place of Django's -----------------------------------------------------------------------
def test_ours_come_before_django_s():
    for name in ("createsuperuser", "changepassword"):
        assert get_commands()[name] == "accounts"


def test_a_superuser_made_the_usual_way_is_written_down_and_can_log_in(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    said = run("createsuperuser", "--noinput", "--username", "finn", "--email", "Finn@Desk.test")

    assert said == "Superuser created successfully."
    assert log_in(EMAIL, PASSWORD).status_code == 200
    assert (finn().is_staff, finn().is_superuser) == (True, True)
    [(deed, fields)] = told(scope="user_management", user_email=operator())
    assert (deed, fields["is_superuser"], fields["source"]) == (
        "create", (None, True), (None, "console"),
    )  # fmt: skip
    with pytest.raises(
        CommandError, match=r"has a log-in already: raise it with manage\.py create_"
    ):
        run("createsuperuser", "--noinput", "--username", "other", "--email", EMAIL)


def test_a_superuser_made_by_questions(db, monkeypatch):
    answers = iter(["finn", EMAIL])
    place = "django.contrib.auth.management.commands.createsuperuser"
    monkeypatch.setattr(f"{place}.getpass.getpass", lambda *_: PASSWORD)
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)

    run("createsuperuser")

    assert finn().check_password(PASSWORD)


def test_a_changed_password_ends_sessions_and_is_written_down(desk, monkeypatch):
    user = make_user("finn", password=PASSWORD)
    open_session(user, at=clock.now())
    answers = iter(["one thing", "another", "finn", "finn", *["a good long word"] * 2])
    place = "accounts.management.commands.changepassword.getpass"
    monkeypatch.setattr(place, lambda _: next(answers))

    assert run("changepassword", "finn") == f"{EMAIL}: new password set, sessions ended"

    assert finn().check_password("a good long word")
    assert not user.sessions.filter(ended_at=None).exists()
    assert told() == [("password", CONSOLE)]


def test_errors_of_changepassword(desk, monkeypatch):
    with pytest.raises(CommandError, match="no log-in nobody: name its e-mail address or username"):
        run("changepassword", "nobody")
    place = "accounts.management.commands.changepassword.getpass"
    monkeypatch.setattr(place, lambda _: "")
    with pytest.raises(CommandError, match="keeps the old one"):
        run("changepassword", "ana@desk.test")
    assert told() == []


@pytest.mark.parametrize(
    "name", ["create_user", "link_trader", "createsuperuser", "changepassword"]
)
def test_help(name):
    text = load_command_class("accounts", name).create_parser("manage.py", name).format_help()

    assert "usage: manage.py" in text
