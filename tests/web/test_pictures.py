"""Counts of a large run are kept for a moment and looked at again beside the page; those of others never are."""

from threading import Event

from sqlalchemy import update

from campaigns.models import Delivery, Run
from campaigns.states import DeliveryState
from outreach.web.queries import pictures, progress


def fail_one(platform, run_id: int) -> None:
    with platform.transaction() as session:
        one = session.query(Delivery).filter_by(run_id=run_id, state=DeliveryState.DELIVERED).first()
        session.execute(update(Delivery).where(Delivery.id == one.id).values(state="failed", reason="no_whatsapp"))


def failed(picture: pictures.Picture) -> int:
    return sum(group.count for group in picture.groups if group.reason == "no_whatsapp")


def run_of(platform, cast) -> int:
    with platform.reading() as session:
        return session.query(Run).filter_by(campaign_id=cast.sending).one().id


def test_a_large_run_is_shown_as_it_was_a_moment_ago_and_looked_at_again_beside_the_page(platform, cast):
    run_id, album = run_of(platform, cast), pictures.Album(large=1)
    with platform.reading() as session:
        before = failed(album.picture(session, run_id))
    fail_one(platform, run_id)
    with platform.reading() as session:
        assert failed(album.picture(session, run_id)) == before
    for _ in range(2000):
        with platform.reading() as session:
            if failed(album.picture(session, run_id)) == before + 1:
                break
        Event().wait(0.01)
    else:
        raise AssertionError("nobody looked again")


def test_a_run_of_ordinary_size_is_looked_at_each_time(platform, cast):
    run_id = run_of(platform, cast)
    with platform.reading() as session:
        before = dict(progress.read(session, [run_id]).counts)
    fail_one(platform, run_id)
    with platform.reading() as session:
        after = progress.read(session, [run_id]).counts
    assert after[DeliveryState.FAILED] == before.get(DeliveryState.FAILED, 0) + 1
    assert after.total() == sum(before.values())


def test_what_changed_last_comes_first_whatever_run_it_is_of(platform, cast):
    with platform.reading() as session:
        run_ids = [run.id for run in session.query(Run)]
        shown = progress.latest(session, run_ids, 4)
        moments = sorted((row.changed_at for row in session.query(Delivery)), reverse=True)
    assert [row.changed_at for row in shown] == moments[:4]
