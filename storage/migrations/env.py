"""Alembic's entry: runs the migrations on the engine that `storage.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Engine, create_engine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from storage.records import UtcDateTime


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Migrations speak plain SQLAlchemy, so that an old one still runs after our own types changed."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


engine: Engine = context.config.attributes.get("engine") or create_engine(
    context.config.get_main_option("sqlalchemy.url", "sqlite:///doithoai.db")
)
with engine.begin() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
