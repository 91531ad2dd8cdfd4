"""Settings of the server: command line over environment over file over defaults, validated once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.asr.registry import DEFAULT_ENGINE, ENGINES, check_device
from gateway.errors import OptionError
from gateway.observe.log import LogFormat, LogLevel
from gateway.wire.own_terms import Defaults, chosen_strengths, read_custom_policies, read_terms

MOST_WORKERS: Final = 256
ENV_PREFIX: Final = "REDACTION_GATEWAY_"


def _number_of_workers(given: object) -> object:
    if given == "auto":
        return given
    if isinstance(given, int | str) and str(given).isdecimal() and 1 <= int(given) <= MOST_WORKERS:
        return int(given)
    raise ValueError(f"allowed: auto, 1 to {MOST_WORKERS}")


class Settings(BaseSettings):
    """Everything `serve` can be told; each field also as `REDACTION_GATEWAY_<NAME>` and in the `--config` file."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    engine: str = Field(default=DEFAULT_ENGINE, description="The speech recogniser.")
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where the recogniser runs; auto: on a GPU if one can be opened."
    )
    tls_cert: Path | None = Field(default=None, description="PEM file with the certificate chain.")
    tls_key: Path | None = Field(default=None, description="PEM file with the private key.")
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.AUTO
    strength: str = Field(default="balanced", description="The strength of sessions that choose none.")
    custom_policies: Path | None = Field(default=None, description="TOML file with policies of the operator's own.")
    deny_file: Path | None = Field(default=None, description="Terms redacted in every session: LABEL=term lines.")
    allow_file: Path | None = Field(default=None, description="Terms never redacted in any session, one on a line.")
    workers: Annotated[int | Literal["auto"], BeforeValidator(_number_of_workers)] = Field(
        default="auto", description="Processes that hear calls; auto: one for each usable core."
    )
    worker_memory_mb: int = Field(
        default=1024, ge=300, le=1_000_000, description="A worker that holds more memory is replaced."
    )
    max_calls: int = Field(
        default=1000, ge=1, le=10_000, description="Calls at once, even if the machine could hear more."
    )
    verify_share: float = Field(
        default=0.0, ge=0, le=1, description="The share of calls whose output is heard again by other recognisers."
    )
    drain_s: float = Field(default=30.0, ge=0, le=3600, description="How long calls may go on after SIGTERM.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.engine not in ENGINES:
            raise ValueError(f"engine: allowed: {', '.join(ENGINES)}")
        try:
            check_device(self.engine, self.device)
        except OptionError as error:
            raise ValueError(f"device: {error}") from None
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key: give both or none")
        return self

    @property
    def tls(self) -> bool:
        """Whether https and wss are spoken."""
        return self.tls_cert is not None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of precedence; `_file` carries the content of the configuration file."""
        assert isinstance(init_settings, InitSettingsSource)
        given = dict(init_settings.init_kwargs)
        from_file = given.pop("_from_file", {})
        return (
            InitSettingsSource(settings_cls, given),
            env_settings,
            InitSettingsSource(settings_cls, from_file),
        )


def load_settings(overrides: Mapping[str, Any], file: Path | None = None) -> Settings:
    """`overrides` come from the command line; None there means not given.

    Raises OptionError, which names each wrong setting and what is allowed.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    from_file = _read(file) if file else {}
    try:
        return Settings(**given | {"_from_file": from_file})
    except ValidationError as error:
        raise OptionError("; ".join(map(_in_words, error.errors(include_url=False, include_input=False)))) from None


def load_defaults(settings: Settings) -> Defaults:
    """What the operator gives to every session, read from the files named. Raises OptionError, which names the file."""
    custom = read_custom_policies(settings.custom_policies)
    terms = read_terms(settings.deny_file, settings.allow_file)
    return Defaults(chosen_strengths(settings.strength, custom, terms.labels), custom, terms)


def _read(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"--config: {file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"--config: {file} is not TOML: {error}") from None
    return content


def _in_words(error: Any) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{name}: there is no such setting; allowed: {', '.join(Settings.model_fields)}"
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {text}" if name else text
