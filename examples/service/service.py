"""Who gets what, as a web service.

An instance and a policy come in; they are solved in the background, which tells how far
it is and may be stopped; then there are the result, explanations, a report, and answers
that lead to the next plan. Jobs are kept in memory: a real service has a database, and
asks who may see what.
"""

from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from threading import Event
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import Body, FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

import sharematch as sm

STOPPABLE = ("goal", "verify", "conflict")
"""Phases of a solve that leave a plan when they are stopped; those before are short."""


# ── what goes in and out ─────────────────────────────────────────────────────────────


class Order(BaseModel):
    """What is to be solved. Records and policies are those of the files."""

    instance: sm.Instance
    policy: sm.Policy = Field(default_factory=sm.Policy.fair)
    time_limit: float | None = Field(None, gt=0, le=3600)
    """Seconds; without it a solve ends when all is proved, or when it is stopped."""
    seed: int = 0


class Reply(BaseModel):
    """What a host or a resident says to a plan."""

    need: str = ""
    slot: str = ""
    status: Literal["accepted", "declined", "pinned", "forbidden", "withdrawn", "gone"]
    quantity: int | None = Field(None, ge=0)
    start: datetime | None = None
    """Which booking is meant, in a slot that is booked by the hour."""


class Replies(BaseModel):
    """Answers to a plan, of which the next one is made."""

    answers: list[Reply]
    max_moved: int | None = Field(None, ge=0)
    """Units that may leave their place at most."""
    time_limit: float | None = Field(None, gt=0, le=3600)


class Step(BaseModel):
    """How far a solve is."""

    phase: str
    goal: int
    num_goals: int
    seconds: float
    gap: float | None


class Job(BaseModel):
    """One solve, as it stands."""

    id: str
    state: Literal["running", "done", "failed"]
    is_stopped: bool
    step: Step | None
    status: sm.Status | None
    served: int | None
    moved: int | None
    """Units that left their place, where answers led here."""
    problem: str


class Why(BaseModel):
    """Why something fares as it does: in words, and as facts."""

    about: str
    id: str
    text: str
    facts: dict[str, Any]


class Wrong(BaseModel):
    """One thing that is wrong with what was asked."""

    code: str
    message: str
    record: str
    id: str
    field: str
    value: str
    hint: str


class Refusal(BaseModel):
    """Everything that is wrong."""

    problems: list[Wrong]


# ── solving in the background ────────────────────────────────────────────────────────


@dataclass
class Work:
    """A solve that runs or has run."""

    id: str
    instance: sm.Instance
    stop: Event = field(default_factory=Event)
    progress: sm.progress.Progress | None = None
    future: "Future[Done] | None" = None

    def tell(self, progress: sm.progress.Progress) -> None:
        """Keep how far it is; end it here if that was asked for."""
        self.progress = progress
        if self.stop.is_set() and progress.phase in STOPPABLE:
            raise sm.progress.Stop

    def done(self) -> "Done":
        """Return what it found; refuse as long as it runs."""
        if self.future is None or not self.future.done():
            raise HTTPException(409, "not done yet")
        return self.future.result()

    def job(self) -> Job:
        """Return how it stands."""
        future, progress = self.future, self.progress
        is_done = future is not None and future.done()
        error = future.exception() if future is not None and is_done else None
        found = self.done() if is_done and error is None else None
        result = found.result if found else None
        has_plan = result is not None and result.status.has_plan
        return Job(
            id=self.id,
            state="failed" if error else "done" if found else "running",
            is_stopped=self.stop.is_set(),
            step=None if progress is None else step_of(progress),
            status=result.status if result else None,
            served=int(result.value("served")) if result and has_plan else None,
            moved=found.moved if found else None,
            problem="" if error is None else str(error),
        )


@dataclass(frozen=True)
class Done:
    """What a solve found: a result, and the records it is of."""

    instance: sm.Instance
    result: sm.Result
    moved: int | None = None


def step_of(progress: sm.progress.Progress) -> Step:
    """Return progress as it goes out."""
    return Step(
        phase=progress.phase,
        goal=progress.goal,
        num_goals=progress.num_goals,
        seconds=progress.seconds,
        gap=None if progress.gap is None else float(progress.gap),
    )


class Desk:
    """Takes orders, and works on some of them at a time."""

    def __init__(self, workers: int = 2) -> None:
        self._workers = ThreadPoolExecutor(workers)
        self._works: dict[str, Work] = {}

    def take(
        self, instance: sm.Instance, solve: Callable[[sm.progress.OnProgress], Done]
    ) -> Job:
        """Begin a solve in the background."""
        work = Work(uuid4().hex, instance)
        self._works[work.id] = work
        work.future = self._workers.submit(solve, work.tell)
        return work.job()

    def find(self, job: str) -> Work:
        """Return a solve; refuse an id that is none."""
        if job not in self._works:
            raise HTTPException(404, "no such job")
        return self._works[job]

    def close(self) -> None:
        """Stop all that runs."""
        for work in self._works.values():
            work.stop.set()
        self._workers.shutdown(cancel_futures=True)


# ── the service ──────────────────────────────────────────────────────────────────────

REFUSED: dict[int | str, dict[str, Any]] = {400: {"model": Refusal}}


desk = Desk()


@asynccontextmanager
async def running(_app: FastAPI) -> AsyncGenerator[None, None]:
    """Stop all solves when the service ends."""
    yield
    desk.close()


app = FastAPI(
    title="Allocation",
    summary="Who may use which shared place, when, and why.",
    version="1",
    generate_unique_id_function=lambda route: route.name,
    lifespan=running,
)


@app.exception_handler(sm.InputError)
def refuse(_request: Request, error: sm.InputError) -> JSONResponse:
    """Answer what is wrong, all of it."""
    problems = [
        Wrong(
            code=problem.code,
            message=problem.message,
            record=problem.record,
            id=problem.id,
            field=problem.field,
            value=problem.value,
            hint=problem.hint,
        )
        for problem in error.problems
    ]
    return JSONResponse(Refusal(problems=problems).model_dump(), 400)


@app.post("/jobs", status_code=202, responses=REFUSED)
def solve(order: Order) -> Job:
    """Solve an instance under a policy, in the background."""

    def work(tell: sm.progress.OnProgress) -> Done:
        result = sm.solve(
            order.instance,
            order.policy,
            time_limit=order.time_limit,
            seed=order.seed,
            on_progress=tell,
        )
        return Done(order.instance, result)

    return desk.take(order.instance, work)


@app.get("/jobs/{job}")
def progress(job: str) -> Job:
    """Tell how far a solve is."""
    return desk.find(job).job()


@app.delete("/jobs/{job}", status_code=202)
def cancel(job: str) -> Job:
    """Stop a solve: the best plan so far stays."""
    work = desk.find(job)
    work.stop.set()
    return work.job()


@app.get("/jobs/{job}/result")
def result(job: str) -> dict[str, Any]:
    """Return the result as files have it: `sharematch schema result`."""
    return desk.find(job).done().result.to_dict()


@app.get("/jobs/{job}/explanation", responses=REFUSED)
def explanation(
    job: str,
    *,
    need: str | None = None,
    slot: str | None = None,
    community: str | None = None,
    rule: int | None = None,
    lang: Literal["en", "zh"] = "en",
) -> Why:
    """Say why a need, a slot, a community or a rule fares as it does."""
    done = desk.find(job).done()
    told = sm.explain(
        done.instance,
        done.result,
        need=need,
        slot=slot,
        community=community,
        rule=rule,
    )
    facts = told.to_dict()["facts"]
    return Why(about=told.about, id=told.id, text=told.text(lang), facts=facts)


@app.get("/jobs/{job}/report", response_class=HTMLResponse, responses=REFUSED)
def report(
    job: str,
    lang: Literal["en", "zh"] = "en",
    suppress_below: Annotated[int, Query(ge=0)] = 0,
) -> str:
    """Return one page for people."""
    done = desk.find(job).done()
    return sm.report.html_report(
        done.instance, done.result, lang=lang, suppress_below=suppress_below
    )


@app.post("/jobs/{job}/answers", status_code=202, responses=REFUSED)
def answer(job: str, replies: Annotated[Replies, Body()]) -> Job:
    """Make the plan anew after answers, with as little change as may be."""
    done = desk.find(job).done()
    answers = [
        sm.Answer(reply.need, reply.slot, reply.status, reply.quantity, reply.start)
        for reply in replies.answers
    ]
    moved = None if replies.max_moved is None else Fraction(replies.max_moved)

    def work(tell: sm.progress.OnProgress) -> Done:
        revision = sm.season.resolve(
            done.instance,
            done.result,
            answers,
            max_moved=moved,
            time_limit=replies.time_limit,
            on_progress=tell,
        )
        return Done(revision.instance, revision.result, revision.moved)

    return desk.take(done.instance, work)
