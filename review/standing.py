"""Which judgements stand, and what several reviewers' answers on one pair come to."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

import pyarrow as pa

from resolution.schema import JUDGEMENTS

SELECT_BY_REVIEWER = """
    select event_id, left_record_id, right_record_id, judgement, reviewer, judged_at, left_shown, right_shown
    from judgement_event as event
    where judgement <> 'withdrawn'
      and not exists (
        select 1 from judgement_event as later
        where later.reviewer = event.reviewer
          and later.left_record_id = event.left_record_id
          and later.right_record_id = event.right_record_id
          and later.event_id > event.event_id)
"""
"""Latest event per pair and reviewer, withdrawn ones left out."""

JudgementRow = tuple[object, ...]  # the columns of SELECT_BY_REVIEWER


def consensus(rows: Iterable[JudgementRow]) -> list[JudgementRow]:
    """One row per pair: the answer all who decided agree on, otherwise unsure.

    *unsure* is an abstention: one *same* beside one *unsure* is *same*. The fields shown are those of the
    latest answer that carries the outcome, or the latest of all when reviewers contradict one another.
    """
    outcome: list[JudgementRow] = []
    for _, group in groupby(sorted(rows, key=lambda row: (row[1], row[2], row[0])), key=lambda row: row[1:3]):
        answers = list(group)
        decided = {row[3] for row in answers} - {"unsure"}
        judgement = decided.pop() if len(decided) == 1 else "unsure"
        supporting = [row for row in answers if row[3] == judgement] or answers
        event_id, left, right, _, _, judged_at, left_shown, right_shown = supporting[-1]
        reviewers = ", ".join(sorted({str(row[4]) for row in answers}))
        outcome.append((event_id, left, right, judgement, reviewers, judged_at, left_shown, right_shown))
    return outcome


def judgement_table(rows: Iterable[JudgementRow]) -> pa.Table:
    """Rows of SELECT_BY_REVIEWER in the shape of ``resolution.schema.JUDGEMENTS``."""
    records = [
        dict(zip(JUDGEMENTS.names, (*row[1:5], datetime.fromisoformat(str(row[5])), *row[6:]), strict=True))
        for row in rows
    ]
    return pa.Table.from_pylist(records, schema=JUDGEMENTS)
