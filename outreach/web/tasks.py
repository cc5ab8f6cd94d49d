"""Posts in WhatsApp groups: the text to copy, and the mark that it was published, with who, when and evidence."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from campaigns import groups
from campaigns.calendar import to_utc
from campaigns.content import in_language
from campaigns.models import GroupTask, Run
from campaigns.states import CampaignState, RunState
from contacts import reach
from contacts.errors import Refused, refuse
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import context, evidence
from outreach.web.forms import Form, filled
from outreach.web.queries import campaigns as read

pages = Blueprint("tasks", __name__, url_prefix="/tareas")

LATEST = 20
MOST_MEMBERS = 6  # digits


def _task(task_id: int) -> GroupTask:
    return context.db().get(GroupTask, task_id) or abort(404)


@pages.get("/")
def index() -> str:
    """List the posts that wait, and the last ones published."""
    session = context.db()
    done = session.scalars(
        select(GroupTask)
        .where(GroupTask.published_at.is_not(None))
        .options(joinedload(GroupTask.network), joinedload(GroupTask.run).joinedload(Run.campaign))
        .order_by(GroupTask.published_at.desc())
        .limit(LATEST)
    ).all()
    return render_template("tasks.html", waiting=groups.waiting(session), done=done)


@pages.get("/<int:task_id>")
def show(task_id: int) -> str:
    """Show one post: the text to copy, and the form that marks it."""
    now = context.now().astimezone(ZoneInfo(context.zone()))
    form = filled(["dia", "hora", "integrantes", "evidencia"], {"dia": f"{now:%Y-%m-%d}", "hora": f"{now:%H:%M}"})
    return _page(_task(task_id), form)


def _page(task: GroupTask, form: Form) -> str:
    run = task.run
    contents = read.contents(context.db(), run.campaign_id, run.version)
    open_ = run.state == RunState.SENDING and run.campaign.state == CampaignState.SENDING
    return render_template(
        "task.html",
        task=task,
        form=form,
        campaign=run.campaign,
        text=in_language(contents, "es").group_text if contents else "",
        open=open_ and task.published_at is None,
        day=_day(task),
        here=reach.on(context.db(), task.network_id, _day(task), context.zone()).members,
    )


def _day(task: GroupTask) -> date:
    """Return the day of a post, today while it waits, in the institution's zone."""
    return (task.published_at or context.now()).astimezone(ZoneInfo(context.zone())).date()


@pages.post("/<int:task_id>")
def publish(task_id: int) -> AnyResponse | tuple[str, int]:
    """Mark a post as published."""
    form = Form(MultiDict(request.form))
    form.values.setdefault("evidencia", "")
    try:
        at = _moment(form)
        members = _members(form)
        picture, ending = evidence.read(request.files.get("evidencia"))
        with context.platform().transaction() as write:
            task = write.get(GroupTask, task_id) or abort(404)
            if task.run.state != RunState.SENDING or task.run.campaign.state != CampaignState.SENDING:
                raise refuse("task_closed", "", task_id)
            name = evidence.keep(context.platform().settings.data, picture, ending) if picture else ""
            groups.publish(write, task, at=at, by=current_user.username, members=members, evidence=name)
            details = {"network": task.network.name, "members": members, "picture": bool(name)}
            subject = f"campaign:{task.run.campaign_id}"
            audit.note(write, context.now(), current_user.username, "group.publish", subject, details)
    except Refused as refused:
        form.refuse(refused, {"tarea": ""})
        return _page(_task(task_id), form), 422
    flash(_("Publicado. Queda en el registro como publicación en grupo."))
    return redirect(url_for("tasks.index"), 303)


def _moment(form: Form) -> datetime:
    """Return when it was published, in Mexico City's time or the installation's. Refuses a day of the future."""
    try:
        wall = datetime.fromisoformat(f"{form.text('dia')}T{form.text('hora')}").replace(tzinfo=None)
    except ValueError:
        raise refuse("published_form", "dia", f"{form.text('dia')} {form.text('hora')}".strip()) from None
    moment = to_utc(wall, context.zone())
    if moment > context.now():
        raise refuse("published_future", "dia", f"{wall:%Y-%m-%d %H:%M}")
    return moment


def _members(form: Form) -> int | None:
    text = form.text("integrantes").replace(",", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > MOST_MEMBERS:
        raise refuse("members_form", "integrantes", form.text("integrantes")[:40])
    return int(text)


@pages.get("/<int:task_id>/evidencia")
def picture(task_id: int) -> Response:
    """Give the picture that shows a post."""
    name = _task(task_id).evidence
    if not name:
        abort(404)
    data, kind = evidence.read_kept(context.platform().settings.data, name)
    return Response(data, mimetype=kind)
