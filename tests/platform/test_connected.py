"""Where there are no keys the simulator stands in, also for several processes of one installation."""

from dataclasses import replace

from outreach.platform import Platform
from outreach.providers import connected


def test_the_simulators_of_two_processes_of_an_installation_are_believed_alike(settings, platform, tmp_path) -> None:
    elsewhere = Platform(replace(settings, data=tmp_path / "otra", secret_key="otro secreto", database_url=""))
    with connected(platform) as pages, connected(platform) as worker, connected(elsewhere) as stranger:
        assert pages.simulator.url != worker.simulator.url
        assert pages.secrets == worker.secrets
        assert stranger.secrets.sendgrid_keys != pages.secrets.sendgrid_keys
        assert stranger.secrets.twilio_tokens != pages.secrets.twilio_tokens
    elsewhere.close()
