"""Inserting what may be there already: the others go in, and columns not given have the record's defaults."""

from __future__ import annotations

from sqlmodel import col, select

from casework.usecases.work import Services
from storage.records import ChannelIdentity, Conversation
from storage.upsert import insert_missing


def test_rows_that_are_there_already_are_left_out_and_the_others_go_in(bare_services: Services) -> None:
    with bare_services.writing() as work:
        for keys in (["a", "b"], ["b", "c", "c"], []):
            rows = [{"key": key, "updated_at": work.now} for key in keys]
            insert_missing(work.session, Conversation, rows)
        work.commit()
    with bare_services.reading() as work:
        found = work.session.exec(select(Conversation).order_by(col(Conversation.key))).all()
    assert [row.key for row in found] == ["a", "b", "c"]
    assert [row.state for row in found] == [{}, {}, {}]


def test_columns_not_given_have_the_defaults_of_the_record(bare_services: Services) -> None:
    with bare_services.writing() as work:
        insert_missing(work.session, ChannelIdentity, [{"channel": "c", "account": "a", "external_id": "1"}])
        work.commit()
    with bare_services.reading() as work:
        row = work.session.exec(select(ChannelIdentity)).one()
    assert (row.reachable, row.is_group, row.citizen_id) == (True, False, None)
