#!/bin/sh
# release.sh REPOSITORY VERSION: put a version (a tag or a branch) into /srv/unitemate/releases, ready to be run.
#
# It changes nothing that runs. VERSION must not be there yet; a half-made one is removed again.
set -eu
umask 022

repository=${1:?usage: release.sh REPOSITORY VERSION}
version=${2:?usage: release.sh REPOSITORY VERSION}
release=${RELEASES:-/srv/unitemate/releases}/$version
test ! -e "$release" || { echo "$release is there already" >&2; exit 1; }

trap 'status=$?; test $status = 0 || rm -rf "$release"; exit $status' EXIT
git clone --quiet --depth 1 --branch "$version" -- "$repository" "$release"
cd "$release"
echo "RELEASE=$version" >RELEASE
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt --constraint constraints.txt
DATABASE_URL=sqlite:////dev/null .venv/bin/python manage.py collectstatic --no-input --verbosity 0
.venv/bin/python -m compileall -q manage.py unitemate web matches queue_app users staff realtime
echo "$release"
