"""The session: where one is in a lesson, and every move one can make."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from gradtui.session.drill import Drill
from gradtui.session.own import Bench
from gradtui.session.scene import LessonStep, Scene, Variant
from gradtui.session.snapshot import Snapshot
from gradtui.session.take import Take
from gradtui.session.torch_link import Tally, TorchLink, TorchPhase
from gradtui.session.whatif import changed_events
from gradtui.tape import cursor
from gradtui.tape.events import AnyEvent, NodeRan, Operation
from gradtui.tape.search import matches
from gradtui.tape.state import tape_state
from gradtui.tape.tangents import ONES, chosen
from gradtui.tape.tape import StepRange, Tape
from gradtui.tape.versus import Run

SOON = 5_000  # events that are compared before the next frame
SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # stops a second


class Session:
    """One lesson, or one script, being taken. Each move returns nothing and raises nothing."""

    def __init__(self, title: str, scenes: Sequence[Scene]) -> None:
        self.title = title
        self.scenes = tuple(scenes)
        self.at = 0
        self.take: Take | None = None
        self.torch = TorchLink()
        self.playing = False
        self.speed = 2.0
        self.notice = ""
        self.forward_mode = False  # whether cards show J·u in place of v·J
        self.direction = ONES
        self.sought = ""  # what was looked for last
        self.bench = Bench()  # what the learner made of the lesson
        self.drill = Drill()  # asks about the nodes of backward passes
        self.answered: set[str] = set()
        self.skipped: set[str] = set()  # scenes whose question was passed over
        self.solved: set[str] = set()  # scenes whose exercise is done with
        self._main: Take | None = None
        self._variant: Variant | None = None
        self._changed: frozenset[int] = frozenset()
        self.unmarked = False  # whether what differs from the lesson is still to be found out
        self._early: list[AnyEvent] = []  # torch was faster than our own run
        self._early_end: str | None = None

    @classmethod
    def of_lesson(cls, title: str, steps: Sequence[LessonStep]) -> "Session":
        return cls(title, [Scene.of(step) for step in steps])

    @classmethod
    def of_script(cls, name: str, code: str, step: str) -> "Session":
        """One's own script: one step without prose."""
        return cls(name, [Scene(step, name, code.rstrip("\n"))])

    # what comes from outside

    def recorded(self, take: Take) -> None:
        """Our own run is here."""
        self._main = take
        if self._variant is None:
            self.take = take
        take.hear(self._early)
        self._early.clear()
        if self._early_end is not None:
            take.heard_all(self._early_end)
        self.go_to_step(self.at)

    def heard(self, events: Sequence[AnyEvent], take: Take | None = None) -> None:
        """Torch's next events, of the lesson or of another take; each gets its verdict at once."""
        take = take or self._main
        if take is None:
            self._early.extend(events)
        else:
            take.hear(events)

    def heard_all(self, reason: str = "", take: Take | None = None) -> None:
        """Torch's run is over, or was cut short for a reason."""
        take = take or self._main
        if take is None:
            self._early_end = reason
        else:
            take.heard_all(reason)

    def torch_turned(self, phase: str, reason: str = "", version: str = "") -> None:
        """Torch's process started, died, is missing…: a kind of the oracle's ChildState."""
        self.torch = self.torch.turned(TorchPhase(phase), reason, version)

    # where we are

    @property
    def scene(self) -> Scene:
        return self.scenes[self.at]

    @property
    def main(self) -> Take | None:
        """The lesson's own run, whichever is being looked at."""
        return self._main

    @property
    def variant(self) -> Variant | None:
        return self._variant

    @property
    def step_id(self) -> str:
        """The step's name on the tape: a what-if's has its own."""
        return f"{self.scene.id}/{self._variant.id}" if self._variant else self.scene.id

    @property
    def range(self) -> StepRange | None:
        return self.take.ranges.get(self.step_id) if self.take else None

    @property
    def position(self) -> int:
        return self.take.position if self.take else 0

    def snapshot(self) -> Snapshot:
        take = self.take
        return Snapshot(
            title=self.title,
            scenes=self.scenes,
            at=self.at,
            tape=take.tape if take else None,
            rails=take.rails if take else None,
            folds=take.folds if take else None,
            position=self.position,
            range=self.range,
            verdicts=take.verdicts if take else (),
            tally=take.tally if take else Tally(),
            torch=self.torch,
            playing=self.playing,
            speed=self.speed,
            variant=self._variant,
            changed=self._changed,
            answered=frozenset(self.answered),
            skipped=frozenset(self.skipped),
            drilling=self.drill.on,
            solved=frozenset(self.solved),
            notice=self.notice,
            said=self._quoted("say", self._variant.say if self._variant else self.scene.say),
            explained="" if self._variant else self._quoted("explain", self.scene.explain),
            direction=self.direction if self.forward_mode else None,
            beside=self._beside(),
            rows=take.rows.get(self.position - 1) if take else None,
        )

    def _beside(self) -> tuple[Run, Run] | None:
        if self._variant is None or self._main is None or self.take is None:
            return None
        ours, theirs = self.range, self._main.ranges.get(self.scene.id)
        if ours is None or theirs is None:
            return None
        return Run(self.take.tape, ours), Run(self._main.tape, theirs)

    def _quoted(self, part: str, text: str) -> str:
        return self.take.quoted(self.step_id, part, text) if self.take and "{{" in text else text

    # questions

    def pass_over(self, steps: Iterable[str]) -> None:
        """Remember which of these steps asked something that was not answered."""
        asks = {scene.id for scene in self.scenes if scene.question is not None}
        self.skipped |= (asks & set(steps)) - self.answered

    def answer(self, step: str) -> None:
        """The question of a step is answered, or its answer was looked at."""
        self.answered.add(step)
        self.skipped.discard(step)

    # moving

    def forward(self) -> None:
        """One stop on; from the end of a step, to the beginning of the next."""
        self._hop(cursor.next_stop, +1)

    def back(self) -> None:
        """One stop back; from the beginning of a step, to the end of the one before."""
        self._hop(cursor.previous_stop, -1)

    def _hop(self, move: cursor.Move, direction: int) -> None:
        here = self.range
        if self.take is None:
            return
        to = self.position if here is None else move(self.take.tape, self.position)
        if here is not None and here.start < to <= here.stop and to != self.position:
            self._move(to)
        else:
            self._turn(direction)

    def _turn(self, direction: int) -> None:
        """Over the edge of a step, into its neighbour; at an end, that it is one is told."""
        if not 0 <= self.at + direction < len(self.scenes) or self._variant is not None:
            if direction > 0:
                self.step_end()
            what = "other version" if self._variant is not None else "lesson"
            self.notice = f"This is the {'end' if direction > 0 else 'start'} of the {what}."
            return
        self.at += direction
        here = self.range
        if here is not None and self.take is not None:
            self._move(here.start + 1 if direction > 0 else self._last_stop(here))

    def _last_stop(self, here: StepRange) -> int:
        assert self.take is not None
        return max(here.start + 1, cursor.previous_stop(self.take.tape, here.stop + 1))

    def start(self) -> None:
        self.go_to_step(0)

    def end(self) -> None:
        self.go_to_step(len(self.scenes) - 1)
        self.step_end()

    def step_start(self) -> None:
        self.go_to_step(self.at)

    def step_end(self) -> None:
        here = self.range
        if here is not None:
            self._move(here.stop)

    def next_step(self) -> None:
        self.go_to_step(self.at + 1)

    def previous_step(self) -> None:
        """The beginning of this step; from there, of the one before."""
        here = self.range
        inside = here is not None and self.position > here.start + 1
        self.go_to_step(self.at if inside else self.at - 1)

    def go_to_step(self, at: int) -> None:
        """The beginning of a step, nothing of it run yet."""
        self.at = max(0, min(at, len(self.scenes) - 1))
        here = self.range
        if here is not None:
            self._move(here.start + 1)

    def go_to(self, step: str) -> None:
        """The beginning of a step by its id, or by an earlier one."""
        for at, scene in enumerate(self.scenes):
            if step == scene.id or step in scene.was:
                self.leave_variant()
                self.go_to_step(at)
                return
        self.notice = f"There is no step {step}."

    def next_epoch(self) -> None:
        self._along(cursor.next_epoch)

    def previous_epoch(self) -> None:
        self._along(cursor.previous_epoch)

    def next_pass(self) -> None:
        self._along(cursor.next_pass)

    def previous_pass(self) -> None:
        self._along(cursor.previous_pass)

    def next_run(self) -> None:
        """The next time the current line runs."""
        line = self.line()
        if line is not None:
            self.run_line(line)

    def run_line(self, line: int) -> None:
        """The next time a line of this step runs; after the last time, the first."""
        take, step = self.take, self.step_id
        if take is None or self.range is None:
            return
        to = cursor.next_run(take.tape, self.position, step, line)
        if to == self.position:
            to = cursor.next_run(take.tape, self.range.start, step, line)
        self._move(to)

    def line(self) -> int | None:
        """The line that is running."""
        span = tape_state(self.take.tape, self.position).span if self.take else None
        return span.line if span else None

    def next_change(self) -> None:
        """The next time the tensor of the current event changes."""
        tensor = self.tensor
        if tensor is not None:
            self._along(lambda tape, at: cursor.next_change(tape, at, tensor))

    @property
    def tensor(self) -> int | None:
        """The tensor the current event is about."""
        event = self.snapshot().event
        if isinstance(event, Operation):
            return event.outputs[0].tensor if event.outputs else None
        if isinstance(event, NodeRan) and self.take is not None:
            return self.take.tape.nodes[event.node].leaf
        return getattr(event, "tensor", None)

    def jump(self, position: int) -> None:
        """After so many events; a number outside the tape is brought into it."""
        if self.take is not None:
            self._move(cursor.goto(self.take.tape, position))
            self._follow()
            here = self.range
            if here is not None and self.position > here.stop:  # among what was asked afterwards
                self._move(here.stop)

    def _along(self, move: Callable[[Tape, int], int]) -> None:
        if self.take is None:
            return
        to = move(self.take.tape, self.position)
        if to == self.position:
            self.notice = "Nothing further that way."
            return
        self._move(to)
        self._follow()

    def _move(self, position: int) -> None:
        assert self.take is not None
        self.take.position = position
        self.notice = ""

    def _follow(self) -> None:
        """The scene of the step the position lies in."""
        assert self.take is not None
        step = self.take.tape.step_at(self.position)
        for at, scene in enumerate(self.scenes):
            if step is not None and scene.id == step.id.partition("/")[0]:
                self.at = at

    # forward mode

    def jvp(self) -> None:
        """Cards show J·u in place of v·J; again: v·J."""
        self.forward_mode = not self.forward_mode
        if not self.forward_mode:
            self.notice = "Cards show v·J, as the backward pass runs."
        elif isinstance(self.snapshot().event, NodeRan | Operation):
            self.notice = "Forward mode, J·u. F: another tangent; f: back to v·J"
        else:
            self.notice = "Forward mode is on: operations and backward nodes show J·u."

    def direct(self, text: str) -> str:
        """Another tangent, as it was typed; what is wrong with it, or ""."""
        if self.take is None:
            return "The lesson is not there yet."
        found = chosen(self.take.tape, self.position, text)
        if isinstance(found, str):
            return found
        self.direction, self.forward_mode, self.notice = found, True, ""
        return ""

    # searching

    def seek(self, text: str) -> str:
        """Go to the next match of a text; what is wrong, or that there is none, or ""."""
        if not text.strip():
            return "Type an operation, a node, a name, line 3, or a value such as nan."
        if self.take is None:
            return "The lesson is not there yet."
        if not matches(self.take.tape, text):
            return f"Nothing on the tape matches {text.strip()[:40]!r}."
        self.sought = text.strip()
        self.find_next()
        return ""

    def find_next(self) -> None:
        self._find(+1)

    def find_previous(self) -> None:
        self._find(-1)

    def _find(self, direction: int) -> None:
        """The match after this position, or before it; beyond the last, the first again."""
        if self.take is None or not self.sought:
            self.notice = "Nothing was looked for yet. /: find"
            return
        found = matches(self.take.tape, self.sought)
        if not found:
            self.notice = f"Nothing on this tape matches {self.sought[:40]!r}."
            return
        here = self.position
        at = bisect_right(found, here) if direction > 0 else bisect_left(found, here) - 1
        around = "" if 0 <= at < len(found) else ", around the end"
        at %= len(found)
        self.jump(found[at])
        self.notice = (
            f"{self.sought[:40]}: match {at + 1} of {len(found)}{around}  (next .  back ,)"
        )

    # playing

    def play(self) -> None:
        """Play, or pause. At the end of a step it goes on into the next."""
        self.playing = not self.playing
        if self.playing and self.snapshot().finished:
            self.forward()

    def tick(self) -> None:
        """One beat of the clock while playing; it rests at the end of a step."""
        if not self.playing:
            return
        if not self.snapshot().finished:
            self.forward()
        if self.snapshot().finished:
            self.playing = False

    def faster(self) -> None:
        self.speed = next((each for each in SPEEDS if each > self.speed), SPEEDS[-1])

    def slower(self) -> None:
        self.speed = next((each for each in reversed(SPEEDS) if each < self.speed), SPEEDS[0])

    # another version of the step

    def try_variant(self, variant: Variant, take: Take) -> None:
        """Look at a second tape, recorded with another version of this step's code."""
        if self._main is None:
            return
        self._variant, self.take, self._changed = variant, take, frozenset()
        self.unmarked = len(take.tape) > SOON
        if not self.unmarked:
            self.mark(take, self.differing())
        self.go_to_step(self.at)

    def differing(self) -> frozenset[int]:
        """The events of the other version that the lesson has not; of 100,000, in a second."""
        if self._main is None or self.take is None:
            return frozenset()
        return changed_events(self._main.tape, self.take.tape, self.scene.id, self.step_id)

    def mark(self, take: Take, changed: frozenset[int]) -> None:
        """What differs from the lesson is known, of this take."""
        if take is self.take:
            self._changed, self.unmarked = changed, False

    def leave_variant(self) -> None:
        """Back to the lesson's own tape, where it was left."""
        self._variant, self.take, self._changed = None, self._main, frozenset()
        self.unmarked = False
