#!/bin/sh
# Write the two lock files: hashes, and no address of any registry.
set -eu
options="--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet"
# shellcheck disable=SC2086 — the options are words
uv pip compile pyproject.toml --extra build --extra dev $options --output-file requirements/dev.txt
# shellcheck disable=SC2086
uv pip compile pyproject.toml --extra build $options --constraint requirements/dev.txt --output-file requirements/runtime.txt
# shellcheck disable=SC2086
uv pip compile pyproject.toml --extra build --extra escala $options --constraint requirements/dev.txt --output-file requirements/escala.txt
