"""What a killed process has noted of its letters, as the next one finds it."""

import threading

import pytest

from outreach.channels import smtp_journal
from outreach.channels.smtp_journal import MOST, SLOTS, Journal, Left, take_up

OURS = "0a1b2c3d"
SENDER = "votochilango@example.org"


@pytest.fixture
def found(tmp_path):
    """What the next process is told, file by file."""
    told = []

    def look(installation=OURS):
        told.clear()
        take_up(tmp_path, installation, told.append)
        return [sorted(left, key=lambda one: one.delivery_id) for left in told]

    return look


def begun(journal, sender, letters):
    with journal.begin(sender, letters):
        pass


def test_a_call_under_way_keeps_the_file_open_after_the_end_of_its_journal(tmp_path, found):
    journal = Journal(tmp_path, OURS)
    with journal.begin(SENDER, [(11, 1)]) as call:
        journal.close()
        late = threading.Thread(target=lambda: begun(journal, SENDER, [(12, 1)]))
        late.start()
        late.join()
        call.ending(0)
        assert found() == []
        call.ended(0, taken=True)
    assert found() == [[Left(11, 1, SENDER, True)]]


def test_who_was_answered_for_and_who_was_not_begun_is_known_the_letter_between_is_not(tmp_path, found):
    journal = Journal(tmp_path, OURS)
    with journal.begin(SENDER, [(11, 1), (12, 1), (13, 4), (14, 1)]) as call:
        for place in range(3):
            call.ending(place)
        call.ended(0, taken=True)
        call.ended(1, taken=False)
    journal.close()
    assert found() == [[Left(11, 1, SENDER, True), Left(12, 1, SENDER, False), Left(14, 1, SENDER, False)]]


def test_what_was_settled_is_told_once(tmp_path, found):
    journal = Journal(tmp_path, OURS)
    begun(journal, SENDER, [(11, 1)])
    journal.close()
    assert found() == [[Left(11, 1, SENDER, False)]]
    assert found() == []
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_settled_is_told_again(tmp_path, found):
    journal = Journal(tmp_path, OURS)
    begun(journal, SENDER, [(11, 1)])
    journal.close()

    def fails(_left):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        take_up(tmp_path, OURS, fails)
    assert found() == [[Left(11, 1, SENDER, False)]]


def test_a_process_that_lives_speaks_for_itself(tmp_path, found):
    journal = Journal(tmp_path, OURS)
    begun(journal, SENDER, [(11, 1)])
    assert found() == []
    journal.close()
    assert found() == [[Left(11, 1, SENDER, False)]]


def test_only_the_last_call_of_each_thread_is_told(tmp_path, found):
    journal = Journal(tmp_path, OURS)
    begun(journal, SENDER, [(1, 1), (2, 1), (3, 1)])
    begun(journal, SENDER, [(4, 1)])
    other = threading.Thread(target=lambda: begun(journal, SENDER, [(5, 2)]))
    other.start()
    other.join()
    journal.close()
    assert found() == [[Left(4, 1, SENDER, False), Left(5, 2, SENDER, False)]]


def test_after_a_power_cut_a_missing_mark_proves_nothing(tmp_path, found, monkeypatch):
    journal = Journal(tmp_path, OURS)
    with journal.begin(SENDER, [(11, 1), (12, 1), (13, 1)]) as call:
        call.ending(0)
        call.ended(0, taken=True)
        call.ending(1)
    journal.close()
    (tmp_path / "boot").write_text("another run of the machine")
    monkeypatch.setattr(smtp_journal, "_BOOT", tmp_path / "boot")
    assert found() == [[Left(11, 1, SENDER, True)]]


def test_what_another_installation_noted_is_not_ours(tmp_path, found):
    journal = Journal(tmp_path, "ffffffff")
    begun(journal, SENDER, [(11, 1)])
    journal.close()
    assert found() == []


def test_a_file_cut_off_tells_nothing(tmp_path, found):
    (tmp_path / "roto.calls").write_bytes(b"\x01" * 500)
    assert found() == []


def test_more_letters_or_threads_than_there_is_room_for_go_without_a_note(tmp_path, found):
    journal = Journal(tmp_path, OURS)
    with journal.begin(SENDER, [(number, 1) for number in range(MOST + 1)]) as call:
        call.ended(MOST, taken=True)
    for number in range(SLOTS + 2):
        thread = threading.Thread(target=lambda number=number: begun(journal, SENDER, [(number, 1)]))
        thread.start()
        thread.join()
    journal.close()
    assert [len(left) for left in found()] == [SLOTS - 1]
