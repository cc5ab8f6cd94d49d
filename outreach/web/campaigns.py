"""Campaigns: the list, one campaign's progress, its log of people."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from campaigns import forecast, lines
from campaigns.forecast import Forecast
from campaigns.lines import SenderLine
from campaigns.models import Campaign, GroupTask, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.models import Channel
from outreach import keep
from outreach.keep import Gap
from outreach.web import context, masking, paging
from outreach.web.queries import campaigns as read
from outreach.web.queries import progress
from outreach.web.queries.pictures import LATEST
from outreach.web.queries.progress import Progress

pages = Blueprint("campaigns", __name__, url_prefix="/campanas")

S = CampaignState
#: The tabs of the list: what its address says, and the states in it.
SHELVES: dict[str, tuple[CampaignState, ...]] = {
    "activas": (S.SENDING, S.PAUSED, S.SCHEDULED),
    "borradores": (S.DRAFT,),
    "terminadas": (S.FINISHED, S.CANCELLED),
}
COUNTRIES = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """A campaign on screen: which of its sendings, and how far they are."""

    campaign: Campaign
    runs: list[Run]
    run: Run | None  # None: all of them together
    run_ids: list[int]
    progress: Progress
    gap: Gap | None = None  # what was forgotten when the installation was restored

    @property
    def by_hand(self) -> bool:
        """Tell whether people post it in groups instead of the system sending it."""
        return self.campaign.channels == [Channel.GROUP.value]

    @property
    def held(self) -> bool:
        """Tell whether a sending of it waits for a person's word: until then nobody sends it once more."""
        return any(run.state == RunState.HELD for run in self.runs)

    @property
    def alive(self) -> bool:
        """Tell whether its figures may change while somebody looks."""
        return self.campaign.state == S.SENDING or any(self.progress.of([state]) for state in MOVING)


MOVING = (DeliveryState.CLAIMED, DeliveryState.CALLING, DeliveryState.ACCEPTED)


def campaign_or_404(campaign_id: int) -> Campaign:
    """Return a campaign, or the page that says there is none."""
    return context.db().get(Campaign, campaign_id) or abort(404)


def shown(campaign_id: int) -> Shown:
    """Return a campaign with the sending that the address asks for: the newest, one, or `todos`."""
    campaign = campaign_or_404(campaign_id)
    runs = progress.runs_of(context.db(), campaign_id)
    wanted = request.args.get("envio", "")
    open_runs = [run for run in runs if run.state == RunState.SENDING]
    run = next((run for run in runs if str(run.id) == wanted), None)
    if wanted != "todos" and run is None and runs:
        run = (open_runs or runs)[0]
    run_ids = [run.id] if run else [each.id for each in runs]
    return Shown(campaign, runs, run, run_ids, progress.read(context.db(), run_ids), keep.restored(context.db()))


@pages.get("/")
def index() -> str:
    """List campaigns, a shelf at a time."""
    counts = read.count_by_state(context.db())
    shelf = request.args.get("estado", "")
    if shelf not in SHELVES:
        shelf = next((name for name, states in SHELVES.items() if any(counts.get(s) for s in states)), "activas")
    text = request.args.get("q", "").strip()
    total, _rows = read.listed(context.db(), SHELVES[shelf], text, 0, 0)
    page = paging.asked(total)
    _total, rows = read.listed(context.db(), SHELVES[shelf], text, page.offset, page.size)
    last = read.last_runs(context.db(), [row.id for row in rows])
    return render_template(
        "campaigns.html",
        shelf=shelf,
        shelves={name: sum(counts.get(s, 0) for s in states) for name, states in SHELVES.items()},
        q=text,
        rows=rows,
        page=page,
        last=last,
        done=progress.read_each(context.db(), [run.id for run in last.values()]),
        tasks=tasks_by_run(read.tasks(context.db(), [run.id for run in last.values()])),
    )


def tasks_by_run(tasks: list[GroupTask]) -> dict[int, list[GroupTask]]:
    """Return group tasks by the run they belong to."""
    found: dict[int, list[GroupTask]] = {}
    for task in tasks:
        found.setdefault(task.run_id, []).append(task)
    return found


@pages.get("/<int:campaign_id>")
def show(campaign_id: int) -> str:
    """Show how far a campaign is."""
    told = _progress(shown(campaign_id))
    if told["latest"]:
        context.note_view("campaign.show", f"campaign:{campaign_id}", people=[row.contact_id for row in told["latest"]])
    return render_template("campaign.html", tab="progress", **told)


@pages.get("/<int:campaign_id>/avance")
def live(campaign_id: int) -> AnyResponse:
    """Give the moving part alone; 304 while nothing moved. The page that asks for it was noted when it was opened."""
    body = render_template("_progress.html", moving=True, **_progress(shown(campaign_id)))
    answer = make_response(body)
    answer.set_etag(hashlib.sha256(body.encode()).hexdigest()[:24])
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add("Cookie")
    return answer.make_conditional(request)


def _progress(view: Shown) -> dict[str, Any]:
    session, ids = context.db(), view.run_ids
    countries, others, rest = progress.fold(progress.by_country(session, ids), COUNTRIES)
    return {
        "view": view,
        "campaign": view.campaign,
        "countries": countries,
        "others": others,
        "rest": rest,
        "problems": progress.reasons(session, ids, progress.PROBLEMS),
        "skipped": progress.reasons(session, ids, [DeliveryState.SKIPPED]),
        "latest": progress.latest(session, ids, LATEST),
        "tasks": read.tasks(session, ids),
        "audience": read.audience(session, view.campaign.id),
        "forecast": _forecast(view),
        "waits": _waits(view.campaign),
    }


def _forecast(view: Shown) -> Forecast | None:
    """Return when the last WhatsApp message leaves; the morning of its reader may come after the budget."""
    settings = context.platform().settings
    told = forecast.of(
        context.db(),
        view.campaign,
        settings.senders,
        limit=settings.conversations,
        rate=settings.whatsapp_rate,
        at=context.now(),
    )
    if told is None or view.progress.last_due_at is None:
        return told
    return replace(told, at=max(told.at, view.progress.last_due_at))


def _waits(campaign: Campaign) -> list[SenderLine]:
    """Return the closed lines that keep this campaign waiting."""
    if campaign.state != S.SENDING:
        return []
    senders = context.platform().settings.senders
    own = {(channel, senders.of(Channel(channel), campaign.cuenta)) for channel in campaign.channels}
    return [line for line in lines.closed(context.db()) if (line.channel, line.sender) in own]


def _wanted(view: Shown) -> read.Wanted:
    asked = request.args
    state = asked.get("estado", "")
    states = {
        "problema": progress.PROBLEMS,
        "por-enviar": (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.CALLING),
    }.get(state) or ((DeliveryState(state),) if state in list(DeliveryState) else ())
    return read.Wanted(
        view.run_ids,
        states,
        asked.get("canal", "") if asked.get("canal", "") in list(Channel) else "",
        asked.get("motivo", "")[:64],
        asked.get("pais", "")[:2],
        asked.get("q", "").strip(),
        addresses=masking.sees(),
    )


@pages.get("/<int:campaign_id>/personas")
def people(campaign_id: int) -> str:
    """Show the log: every person, by which way, the state and the reason."""
    view = shown(campaign_id)
    wanted = _wanted(view)
    total, _rows = read.log(context.db(), wanted, 0, 0)
    page = paging.asked(total)
    _total, rows = read.log(context.db(), wanted, page.offset, page.size)
    context.note_view(
        "campaign.people",
        f"campaign:{campaign_id}",
        shown=len(rows),
        people=[row.contact_id for row in rows],
        search=wanted.text,
    )
    return render_template(
        "campaign.html",
        tab="people",
        view=view,
        campaign=view.campaign,
        page=page,
        rows=rows,
        reasons=progress.reasons(context.db(), view.run_ids, list(DeliveryState)),
        asked=request.args,
        link=lambda number: url_for(
            "campaigns.people", campaign_id=campaign_id, **{**request.args.to_dict(), "pagina": number}
        ),
    )
