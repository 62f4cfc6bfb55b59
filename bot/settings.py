"""Settings of a running program: from the environment (`DOITHOAI_...`) and from `doithoai.toml`; the environment wins.

Secrets are `SecretStr`: they show in no log, no error and no representation.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from bot.channels.telegram.webhook import is_usable_secret
from bot.pages.addresses import networks
from casework.errors import InvalidInput

PREFIX = "DOITHOAI_"
#: looked for in the working directory
FILE = Path("doithoai.toml")


#: every channel this program knows, in the order in which people read of them, with the settings it cannot do without
CHANNEL_NEEDS: dict[str, tuple[str, ...]] = {
    "zalo-oa": ("zalo_oa_app_id", "zalo_oa_app_secret", "zalo_oa_secret_key"),
    # The account's webhook brings its receipts and its job keeps the permission fresh: all of the account's is needed.
    "zalo-zbs": (
        "zalo_oa_app_id",
        "zalo_oa_app_secret",
        "zalo_oa_secret_key",
        "zalo_zbs_templates",
        "zalo_zbs_by_phone",
    ),
    "zalo-bot": ("zalo_bot_token",),
    "telegram": ("telegram_token",),
}


class Settings(BaseSettings):
    """All settings, each with the meaning of one environment variable or one key of the file."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = "sqlite:///doithoai.db"
    #: further regulation texts of the office, read beside those of the program
    regulations_dir: Path | None = None
    #: the office's own versions of the Word templates
    templates_dir: Path | None = None
    #: where our web server listens; a reverse proxy with HTTPS stands before it
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    #: reverse proxies whose X-Forwarded-For is believed: addresses or networks
    http_trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    #: folder for photos and files of residents and for documents that belong to answers
    files_dir: Path = Path("doithoai-files")
    #: folder of a model the office has trained (`doithoai nlp train`); None for the program's
    nlp_model: Path | None = None
    #: the office's own lines of the competence map, laid over the program's
    competence_file: Path | None = None
    #: no notice is pushed between these local times
    quiet_from: dt.time = dt.time(21, 30)
    quiet_until: dt.time = dt.time(6, 5)
    #: address under which the outside world reaches it, e.g. https://doithoai.example.vn
    public_url: str | None = None

    telegram_token: SecretStr | None = None
    telegram_base_url: str = "https://api.telegram.org/bot"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr | None = None
    #: forward proxy for networks that block Telegram; may hold a password
    telegram_proxy: SecretStr | None = None

    zalo_bot_token: SecretStr | None = None
    zalo_bot_base_url: str = "https://bot-api.zaloplatforms.com"
    #: polling is for trials; the platform gives one update at a time
    zalo_bot_mode: Literal["polling", "webhook"] = "webhook"
    zalo_bot_webhook_secret: SecretStr | None = None
    #: what the platform's free tier allows: people per bot, messages per calendar month
    zalo_bot_people: int = Field(default=50, ge=1)
    zalo_bot_messages_per_month: int = Field(default=3000, ge=1)
    #: not published; more than one a second is at your own risk
    zalo_bot_rate_per_second: float = Field(default=1.0, gt=0)
    zalo_oa_app_id: str | None = None
    zalo_oa_app_secret: SecretStr | None = None
    #: signs the official account's webhook calls
    zalo_oa_secret_key: SecretStr | None = None
    #: learnt when the account connects; needed earlier only to check signatures made with it
    zalo_oa_id: str | None = None
    #: address behind the Zalo code of posters and receipts, with {oa_id} and, should Zalo hand a payload on, {village};
    #: not set: https://zalo.me/{oa_id}
    zalo_door_url: str | None = None
    #: how the consent page is called: a PKCE pair per request, the pair fixed in the console, or none
    zalo_oa_pkce: Literal["request", "fixed", "none"] = "request"
    zalo_oa_pkce_verifier: SecretStr | None = None
    #: must equal the address in the console letter for letter; not set: public_url + /zalo/callback
    zalo_oa_callback_url: str | None = None
    #: send appsecret_proof with each call: only when the app's settings ask for it
    zalo_oa_appsecret_proof: bool = False
    #: payload.template_type of messages with buttons: left out, or "button"
    zalo_oa_button_template_type: Literal["", "button"] = ""
    zalo_oa_rate_per_minute: float = Field(default=60.0, gt=0)
    #: hosts (with their subdomains) from which photos and files of residents are fetched
    zalo_media_hosts: tuple[str, ...] = ("zdn.vn", "zadn.vn", "zaloapp.com", "zalo.me")
    #: messages between 48 hours and 7 days may be sent although they are billed, and what one costs
    zalo_oa_paid: bool = False
    zalo_oa_paid_price_vnd: int = Field(default=55, ge=0)
    #: approved ZBS templates, as a TOML file; without it none is sent
    zalo_zbs_templates: Path | None = None
    #: templates may go to phone numbers whose owners agreed to that
    zalo_zbs_by_phone: bool = False
    zalo_zbs_rate_per_minute: float = Field(default=60.0, gt=0)
    #: at most two useful progress notes while the free window is open; auto: not for state agencies
    keep_line_open: Literal["auto", "on", "off"] = "auto"
    zalo_oa_base_url: str = "https://openapi.zalo.me"
    zalo_oa_oauth_url: str = "https://oauth.zaloapp.com"
    zalo_zbs_base_url: str = "https://business.openapi.zalo.me"

    #: silence after which several messages of a citizen count as one thought
    quiet_seconds: float = Field(default=8.0, gt=0)
    #: turns handled at once; not set: one on SQLite, whose single writer more threads only wait for, else four
    worker_threads: int | None = Field(default=None, ge=1, le=64)
    #: how long a worker that fell silent keeps its conversations
    worker_lease_seconds: float = Field(default=60.0, ge=1)
    #: a send without an answer after this time counts as unknown
    send_timeout_seconds: float = Field(default=30.0, ge=1)
    #: how long turns and sends under way may take to end when the program is stopped
    stop_seconds: float = Field(default=20.0, gt=0)
    #: local time at which staff get their digest
    digest_at: dt.time = dt.time(7, 0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("http_trusted_proxies")
    @classmethod
    def _proxies_are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            networks(value)
        except ValueError as error:
            raise PydanticCustomError(
                "proxy_address", "mỗi proxy là một địa chỉ IP hoặc dải mạng, ví dụ 127.0.0.1 hoặc 10.0.0.0/8"
            ) from error
        return value

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> Self:
        if self.telegram_token is not None and self.telegram_mode == "webhook":
            for value, name in (
                (self.public_url, "public_url"),
                (self.telegram_webhook_secret, "telegram_webhook_secret"),
            ):
                if not value:
                    raise PydanticCustomError(
                        "webhook_incomplete",
                        "chế độ webhook cần {variable}: đặt giá trị đó, hoặc dùng DOITHOAI_TELEGRAM_MODE=polling",
                        {"variable": f"{PREFIX}{name.upper()}"},
                    )
            secret = self.telegram_webhook_secret
            if secret is not None and not is_usable_secret(secret.get_secret_value()):
                raise PydanticCustomError(
                    "webhook_secret", "DOITHOAI_TELEGRAM_WEBHOOK_SECRET chỉ gồm 1-256 ký tự A-Z, a-z, 0-9, _ và -"
                )
        return self

    def missing(self, channel: str) -> tuple[str, ...]:
        """Names of the variables a channel lacks; empty: it is set up."""
        return tuple(f"{PREFIX}{name.upper()}" for name in CHANNEL_NEEDS[channel] if not getattr(self, name))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The file's values come in as the arguments of `load`: the environment goes before them.
        return env_settings, init_settings


def load(file: Path = FILE) -> Settings:
    """The settings of this environment and, if it is there, of `file`.

    Raises `InvalidInput` naming the file or variable, the key and what is allowed; values are not repeated.
    """
    values = _read(file) if file.is_file() else {}
    try:
        return Settings(**values)
    except ValidationError as error:
        # Pydantic's own text shows the values, and some of them are secrets.
        raise InvalidInput(_complaint(error), todo=_TODO.format(file=file)) from None
    except SettingsError:
        raise InvalidInput(
            'Cài đặt là danh sách thì viết như ["mục một", "mục hai"].', todo=_TODO.format(file=file)
        ) from None


_TODO = "Sửa biến môi trường hoặc tệp {file} rồi chạy lại."


def _read(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"Tệp {file} không đúng dạng TOML ({error}).", todo="Sửa dòng đó rồi chạy lại.") from error
    unknown = sorted(set(values) - set(Settings.model_fields))
    if unknown:
        allowed = ", ".join(Settings.model_fields)
        raise InvalidInput(
            f"Tệp {file} có mục không được biết: {', '.join(unknown)}.", todo=f"Các mục dùng được: {allowed}."
        )
    return values


def _complaint(error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_input=False, include_url=False, include_context=True):
        name = f"{PREFIX}{str(fault['loc'][0]).upper()}: " if fault["loc"] else ""
        expected = (fault.get("ctx") or {}).get("expected")
        said = f"chỉ nhận {expected}" if expected else fault["msg"]
        lines.append(f"{name}{said}")
    return "Cài đặt không dùng được. " + "; ".join(lines) + "."
