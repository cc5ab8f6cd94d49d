"""Every state and every reason has words: the fact and the remedy, as the design asks (ui/README §4 and §5)."""

import ast
import re
from pathlib import Path

import pytest

from campaigns.states import CampaignState, DeliveryState, RunState
from contacts import consent
from outreach.channels import codes
from outreach.words.states import REASONS, reason_words, state_word

ROOT = Path(__file__).parents[2]
WHERE_REASONS_ARE_GIVEN = [
    *sorted((ROOT / "campaigns").glob("*.py")),
    ROOT / "contacts" / "gate.py",
    ROOT / "outreach" / "engine.py",
    *sorted((ROOT / "outreach" / "channels").glob("*.py")),
]


def given_reasons():
    """Walk the code for the constants it gives as a reason: `reason="…"`, `code="…"`, `literal("…")`, ChannelError."""
    for path in WHERE_REASONS_ARE_GIVEN:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [keyword.value for keyword in node.keywords if keyword.arg in {"reason", "code"}]
            if name in {"literal", "ChannelError", "Meaning"}:
                given += node.args[:1]
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    yield value.value


def test_the_states_of_a_delivery_have_the_words_of_the_design():
    assert {state: state_word(state) for state in DeliveryState} == {
        "planned": "Por enviar",
        "claimed": "Enviándose",
        "calling": "Enviándose",
        "accepted": "En tránsito",
        "delivered": "Entregado",
        "read": "Leído",
        "bounced": "Rebotado",
        "failed": "Fallido",
        "skipped": "Omitido",
        "in_doubt": "En duda",
    }


def test_the_states_of_a_campaign_have_the_words_of_the_design():
    assert {state: state_word(state) for state in CampaignState} == {
        "draft": "Borrador",
        "scheduled": "Programada",
        "sending": "Enviándose",
        "paused": "En pausa",
        "finished": "Terminada",
        "cancelled": "Cancelada",
    }


def test_every_state_of_a_run_has_a_word():
    assert all(state_word(state) for state in RunState)


def test_a_state_may_come_as_the_text_that_the_database_keeps():
    assert state_word("in_doubt") == "En duda"


def test_every_reason_that_the_code_gives_has_words():
    given = set(given_reasons())
    assert {"cancelled", "crash_while_calling", "marketing_us", "no_consent", "rate_limited"} <= given  # it does walk
    assert given | set(consent.REASONS) | codes.ALL <= set(REASONS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_is_a_whole_sentence_without_jargon(code):
    words = reason_words(code)
    assert re.match(r"[A-ZÁÉÍÓÚÑ]", words)
    assert words.endswith(".")
    assert not re.search(r"inválid|error inesperado|[!@]|\bx\b|%", words)
    assert "_" not in code or code not in words


ONLY_A_FACT = {"person_decided", "cancelled_at_provider"}


@pytest.mark.parametrize("code", sorted(set(REASONS) - ONLY_A_FACT))
def test_a_reason_starts_with_the_fact_and_ends_with_what_can_be_done(code):
    assert len(re.findall(r"[.:,](?:\s|$)", reason_words(code))) >= 2


@pytest.mark.parametrize("code", ["no_answer", "connection_lost", "provider_failure", "crash_while_calling"])
def test_a_doubt_says_that_the_message_may_have_gone_and_who_decides(code):
    assert "pudo haber salido" in reason_words(code)
    assert "decida" in reason_words(code)


def test_a_code_of_a_provider_that_we_do_not_know_is_told_with_its_own_words():
    assert reason_words("99999") == "El servicio dio el código 99999. Pregunte a su soporte qué significa."
    assert reason_words("99999", "Strange 100 %s") == "El servicio dijo: Strange 100 %s (código 99999)."


def test_no_reason_has_no_words():
    assert reason_words("") == ""
