#!/bin/sh
# Make or complete a virtual environment from a hashed lock file:  setup.sh VENV LOCKFILE
# Needs Python 3.11 to 3.13. Where Debian has split venv off, it says which package is missing.
set -eu
venv=$1
lock=$2

suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

python=
for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
  if command -v "$candidate" >/dev/null 2>&1 && suits "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  echo "Se necesita Python 3.11, 3.12 o 3.13. / Python 3.11, 3.12 or 3.13 is needed." >&2
  exit 2
fi

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if command -v uv >/dev/null 2>&1; then uv venv --quiet --seed --python "$python" "$venv"
    elif "$python" -m virtualenv --version >/dev/null 2>&1; then "$python" -m virtualenv --quiet "$venv"
    elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
      echo "Instalando python$version-venv (Debian lo entrega aparte) …"
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv" >/dev/null
      "$python" -m venv "$venv"
    else
      echo "Falta el módulo venv: sudo apt install python$version-venv / venv is missing, see the command" >&2
      exit 2
    fi
  fi
fi

echo "Preparando $venv con $(basename "$lock") …"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
