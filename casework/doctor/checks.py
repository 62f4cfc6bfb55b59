"""All checks in one list: the promise, the words of it that are checked, and the function that looks."""

from __future__ import annotations

from casework.doctor import channels, duties, intake, public, record, secrecy, states, telling, upkeep
from casework.doctor.finding import Check

_ONE_STATE = "Every opinion has at any moment exactly one state, one responsible party"
_DROPPED = "nothing is ever silently dropped, by crash, restart, repeat or bad input"
_DUE = "where the law gives one, a due date that explains itself (trigger, days counted, days skipped, article)"
_TOLD = "Every asker is told: receipt, decision, agenda, notice, answer, delay - merged askers too; once, not twice"
_MOVED = "Losing a platform costs a channel, not the data: askers are moved to another way"
_RECORDED = "Every act is recorded: who, when, why"

CHECKS: tuple[Check, ...] = (
    Check(name="inbox-dealt-with", promise=1, quote=_DROPPED, look=intake.messages_are_dealt_with),
    Check(name="set-aside-reasons", promise=1, quote=_DROPPED, look=intake.nothing_is_set_aside_without_a_reason),
    Check(name="talks-woken", promise=1, quote=_DROPPED, look=intake.talks_are_woken),
    Check(
        name="words-stored",
        promise=1,
        quote="What a citizen sent is stored before it is acknowledged",
        look=intake.opinions_have_words,
    ),
    Check(name="labels-known", promise=2, quote=_ONE_STATE, look=states.labels_are_known),
    Check(name="states-founded", promise=2, quote=_ONE_STATE, look=states.states_are_founded),
    Check(name="somebody-can-act", promise=2, quote=_ONE_STATE, look=states.somebody_can_act),
    Check(name="moves-lawful", promise=2, quote=_ONE_STATE, look=states.moves_are_lawful),
    Check(name="duties-true", promise=2, quote=_DUE, look=duties.duties_are_true),
    Check(name="duties-held", promise=2, quote=_ONE_STATE, look=duties.somebody_owes_each_duty),
    Check(name="extensions-recorded", promise=2, quote=_DUE, look=duties.extensions_are_recorded),
    Check(name="told-receipt", promise=3, quote=_TOLD, look=telling.receipts_were_given),
    Check(name="told-decision", promise=3, quote=_TOLD, look=telling.decisions_were_told),
    Check(name="told-agenda", promise=3, quote=_TOLD, look=telling.agendas_were_told),
    Check(name="told-conclusion", promise=3, quote=_TOLD, look=telling.conclusions_were_told),
    Check(name="told-answer", promise=3, quote=_TOLD, look=telling.answers_reached_every_asker_once),
    Check(name="told-delay", promise=3, quote=_TOLD, look=duties.delays_were_told),
    Check(name="answered-told", promise=3, quote=_TOLD, look=telling.answered_means_an_answer_was_sent),
    Check(name="notices-move-on", promise=3, quote=_TOLD, look=telling.notices_move_on),
    Check(
        name="refused-by-person",
        promise=4,
        quote="a named person decides on a listed ground",
        look=states.refusals_are_a_persons,
    ),
    Check(
        name="denunciation-sealed", promise=5, quote="a denunciation is sealed", look=secrecy.denunciations_are_sealed
    ),
    Check(name="sealed-opened", promise=2, quote=_ONE_STATE, look=secrecy.sealed_opinions_are_opened),
    Check(
        name="guided-out-apart",
        promise=5,
        quote="Complaints and denunciations never reach the agenda or any public output",
        look=secrecy.guided_out_opinions_stay_off_the_agenda,
    ),
    Check(
        name="sealed-not-compared",
        promise=5,
        quote="no similarity shown",
        look=secrecy.sealed_opinions_are_compared_with_nothing,
    ),
    Check(name="sealed-not-sent", promise=5, quote="need-to-know", look=secrecy.sealed_words_are_sent_to_nobody_else),
    Check(
        name="public-names-nobody",
        promise=7,
        quote="Public output names no private person",
        look=public.public_words_name_nobody,
    ),
    Check(
        name="originals-kept",
        promise=7,
        quote="original words are kept unchanged next to the edited ones",
        look=public.original_words_are_kept,
    ),
    Check(name="history-whole", promise=8, quote="the record is tamper-evident", look=record.the_history_is_whole),
    Check(name="history-complete", promise=8, quote=_RECORDED, look=record.everything_has_a_history),
    Check(name="actors-named", promise=8, quote=_RECORDED, look=record.acts_have_an_actor),
    Check(name="answers-approved", promise=8, quote=_RECORDED, look=record.answers_were_approved_by_a_person),
    Check(name="consents-proved", promise=8, quote=_RECORDED, look=record.consents_can_be_proved),
    Check(name="push-agreed", promise=8, quote=_RECORDED, look=record.what_was_pushed_was_agreed_to),
    Check(name="names-agreed", promise=8, quote=_RECORDED, look=record.names_are_kept_with_consent),
    Check(
        name="schema-current",
        promise=9,
        quote="the same code runs a province on PostgreSQL",
        look=upkeep.the_schema_is_current,
    ),
    Check(name="merged-own-nothing", promise=1, quote=_DROPPED, look=channels.merged_people_own_nothing),
    Check(name="link-codes-short", promise=10, quote=_MOVED, look=channels.link_codes_are_short_lived),
    Check(name="lost-channel-closed", promise=10, quote=_MOVED, look=channels.lost_channels_are_closed),
    Check(name="references-whole", promise=1, quote=_DROPPED, look=upkeep.references_lead_somewhere),
)
