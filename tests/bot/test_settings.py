"""Settings: the environment wins over the file, mistakes are named, secrets never show."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings, load
from casework.errors import InvalidInput

SECRET = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def file(text: str) -> Path:
    path = Path("doithoai.toml")
    path.write_text(text, encoding="utf-8")
    return path


def test_without_any_setting_the_defaults_of_the_interface_page_hold() -> None:
    settings = load()
    assert settings.database_url == "sqlite:///doithoai.db"
    assert settings.telegram_base_url == "https://api.telegram.org/bot"
    assert settings.telegram_mode == "polling"
    assert settings.zalo_oa_oauth_url == "https://oauth.zaloapp.com"
    assert settings.telegram_token is None
    assert settings.digest_at == dt.time(7, 0)


def test_the_environment_wins_over_the_file_and_an_empty_variable_does_not_count(monkeypatch) -> None:
    file('http_port = 9001\nhttp_host = "0.0.0.0"\nworker_threads = 2\n')
    monkeypatch.setenv("DOITHOAI_HTTP_PORT", "9002")
    monkeypatch.setenv("DOITHOAI_HTTP_HOST", "")
    settings = load()
    assert (settings.http_port, settings.http_host, settings.worker_threads) == (9002, "0.0.0.0", 2)


def test_an_unknown_key_of_the_file_is_refused_with_its_name_and_those_allowed() -> None:
    file('telegram_tokn = "x"\n')
    with pytest.raises(InvalidInput) as refusal:
        load()
    assert "doithoai.toml" in str(refusal.value)
    assert "telegram_tokn" in str(refusal.value)
    assert "telegram_token" in refusal.value.todo


def test_a_file_that_is_no_toml_is_refused_with_the_line() -> None:
    file("http_port 9001")
    with pytest.raises(InvalidInput, match=r"doithoai\.toml.*line 1"):
        load()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HTTP_PORT", "70000", "DOITHOAI_HTTP_PORT"),
        ("TELEGRAM_MODE", "pull", "'polling' or 'webhook'"),
        ("WORKER_THREADS", "0", "DOITHOAI_WORKER_THREADS"),
        ("DIGEST_AT", "trưa", "DOITHOAI_DIGEST_AT"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_but_not_repeated(monkeypatch, name, value, said) -> None:
    monkeypatch.setenv(f"DOITHOAI_{name}", value)
    with pytest.raises(InvalidInput) as refusal:
        load()
    assert said in str(refusal.value)
    assert value not in str(refusal.value)


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "TELEGRAM_WEBHOOK_SECRET"])
def test_webhook_mode_without_address_or_secret_is_refused_with_what_to_do(monkeypatch, missing) -> None:
    complete = {
        "TELEGRAM_TOKEN": SECRET,
        "TELEGRAM_MODE": "webhook",
        "PUBLIC_URL": "https://doithoai.example.vn",
        "TELEGRAM_WEBHOOK_SECRET": "mat-khau",
    }
    for name, value in complete.items():
        monkeypatch.setenv(f"DOITHOAI_{name}", value)
    assert load().telegram_mode == "webhook"
    monkeypatch.delenv(f"DOITHOAI_{missing}")
    with pytest.raises(InvalidInput) as refusal:
        load()
    assert f"DOITHOAI_{missing}" in str(refusal.value)
    assert "polling" in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_a_webhook_secret_telegram_would_refuse_is_refused_at_once_and_not_repeated(monkeypatch) -> None:
    monkeypatch.setenv("DOITHOAI_TELEGRAM_TOKEN", SECRET)
    monkeypatch.setenv("DOITHOAI_TELEGRAM_MODE", "webhook")
    monkeypatch.setenv("DOITHOAI_PUBLIC_URL", "https://doithoai.example.vn")
    monkeypatch.setenv("DOITHOAI_TELEGRAM_WEBHOOK_SECRET", "mật khẩu có dấu")
    with pytest.raises(InvalidInput, match="DOITHOAI_TELEGRAM_WEBHOOK_SECRET") as refusal:
        load()
    assert "mật khẩu" not in str(refusal.value)


def test_secrets_show_in_no_representation(monkeypatch) -> None:
    for name in Settings.model_fields:
        if Settings.model_fields[name].annotation is not None and "SecretStr" in str(Settings.model_fields[name]):
            monkeypatch.setenv(f"DOITHOAI_{name.upper()}", f"geheim-{name}")
    assert "geheim" not in repr(load())
    assert "geheim" not in str(load().model_dump())
