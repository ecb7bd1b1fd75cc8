"""Frames: what is written is read, however the stream is cut; damage is said, not read."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtui.language.program import Limits, Probe, Program, ProgramStep
from gradtui.language.source import Span
from gradtui.oracle import wire
from gradtui.tape import events as e

text = st.text(max_size=20)
small = st.integers(0, 2**31)
finite = st.floats(allow_nan=False)
spans = st.none() | st.builds(Span, small, small, small, small)
summaries = st.builds(e.Summary, st.binary(max_size=16), st.binary(max_size=64))
values = st.builds(
    e.Value, small, st.tuples(small, small), text, st.booleans(), st.booleans(), small,
    st.binary(max_size=64), st.none() | summaries,
)  # fmt: skip
nodes = st.builds(
    e.Node, small, text, st.tuples(st.builds(e.Edge, st.none() | small, small)),
    st.just(((2,),)), st.none() | small, st.tuples(st.tuples(text, values)),
)  # fmt: skip
events = st.one_of(
    st.builds(e.StepBegan, step=text),
    st.builds(e.Printed, span=spans, text=text),
    st.builds(e.Operation, span=spans, name=text, inputs=st.tuples(values),
              outputs=st.tuples(values), nodes=st.tuples(nodes), grad_fn=st.none() | small),
    st.builds(e.NodeRan, span=spans, number=small, node=small,
              cotangents=st.tuples(values | st.none()), products=st.tuples(values | st.none())),
    st.builds(e.Accumulated, number=small, tensor=small, before=st.none() | values, added=values,
              after=values),
    st.builds(e.Raised, span=spans, type=text, message=text, node=st.none() | small),
    st.builds(e.Probed, id=text, text=text, truth=st.none() | st.booleans(), value=values),
)  # fmt: skip
draws = st.recursive(finite, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
steps = st.builds(
    ProgramStep, text, text, st.lists(draws, max_size=2).map(tuple),
    st.lists(st.builds(Probe, text, text), max_size=2).map(tuple),
)  # fmt: skip
limits = st.builds(Limits, statements=small, seconds=finite)
programs = st.builds(
    Program, text, st.tuples(steps), small, limits, st.booleans(), small,
    st.lists(st.builds(Program, text, st.tuples(steps)), max_size=2).map(tuple),
)  # fmt: skip
requests = st.one_of(
    st.builds(wire.Run, small, programs), st.builds(wire.Cancel, small), st.just(wire.Quit())
)
replies = st.one_of(
    st.builds(wire.Ready, text),
    st.builds(wire.Unavailable, text, st.booleans()),
    st.builds(wire.Happened, small, st.lists(events, max_size=4)),
    st.builds(wire.Finished, small, text, st.booleans()),
)


@given(requests)
def test_a_request_is_read_as_it_was_written(request_: wire.Request) -> None:
    (body,) = wire.Frames().feed(wire.frame(request_))
    assert wire.decode_request(body) == request_


@given(st.lists(replies, max_size=4), st.lists(st.integers(1, 50), max_size=30))
def test_replies_are_read_however_the_stream_is_cut(
    sent: list[wire.Reply], cuts: list[int]
) -> None:
    stream = b"".join(map(wire.frame, sent))
    frames, got = wire.Frames(), []
    for size in cuts:
        got += list(frames.feed(stream[:size]))
        stream = stream[size:]
    got += list(frames.feed(stream))
    assert [wire.decode_reply(body) for body in got] == sent


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_frames_or_a_bad_frame(noise: bytes) -> None:
    with contextlib.suppress(wire.BadFrame):  # and nothing else
        for body in wire.Frames().feed(noise):
            wire.decode_reply(body)


def test_a_frame_that_is_too_long_is_not_waited_for() -> None:
    with pytest.raises(wire.BadFrame, match="a frame of 4294967295 bytes"):
        list(wire.Frames().feed(b"\xff\xff\xff\xff"))


def test_a_reply_is_no_request() -> None:
    (body,) = wire.Frames().feed(wire.frame(wire.Ready("2")))
    with pytest.raises(wire.BadFrame):
        wire.decode_request(body)
