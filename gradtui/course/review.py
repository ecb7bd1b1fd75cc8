"""When to ask a missed prediction again: FSRS, by its own library, fed with what was answered.

card = reviewed(progress.card(pack, lesson, step), answer, when)
progress.schedule(card)            # None: it was right at once, and there is nothing to repeat
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gradtui.course.progress import Answer, Card

if TYPE_CHECKING:
    import fsrs


def reviewed(card: Card | None, answer: Answer, when: datetime | None = None) -> Card | None:
    """The card after an answer: due sooner after a miss, later after each time it was right.

    What was right at first sight is no card: only missed predictions come back.
    """
    if card is None and answer.is_right and not answer.hints:
        return None
    import fsrs

    scheduler = fsrs.Scheduler(enable_fuzzing=False)
    memory = fsrs.Card.from_dict(json.loads(card.memory)) if card else fsrs.Card()
    memory, _ = scheduler.review_card(memory, _rating(answer), when or datetime.now(UTC))
    kept = json.dumps(memory.to_dict())
    due = memory.due.astimezone(UTC).isoformat(timespec="seconds")
    return Card(answer.pack, answer.lesson, answer.step, kept, due)


def _rating(answer: Answer) -> fsrs.Rating:
    """Of FSRS's grades three: missed, right with hints, right."""
    import fsrs

    if not answer.is_right:
        return fsrs.Rating.Again
    return fsrs.Rating.Hard if answer.hints else fsrs.Rating.Good
