#!/usr/bin/env bash
# prefect 3.8.8 writes the base path of its UI into files of the installed package when a server starts. Of two servers of one
# installation that differ in PREFECT_UI_SERVE_BASE, such as one behind a proxy's path and one for a try on the same machine,
# the one that started last is right: the other's page goes on being served, names scripts that are not there, and stays
# blank; its API answers, and nothing is logged. Needed: files of its own for each server; PREFECT_UI_STATIC_DIRECTORY, a
# folder for each, gives that.
# Seen: the first server's page names its scripts below /flowers/ until the second has started, and answers 404 for them after.
set -euo pipefail
folder=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2> /dev/null || true; wait; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==3.8.8 "fastapi>=0.139,<0.151" "sqlalchemy<2.1"
export PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
unset PREFECT_API_URL PREFECT_UI_STATIC_DIRECTORY
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
start() {  # at port $1 a server whose UI is at $2, with what else is set
    env PREFECT_HOME="$folder/home-$1" PREFECT_UI_SERVE_BASE="$2" "${@:3}" \
        "$folder/venv/bin/prefect" server start --host 127.0.0.1 --port "$1" > "$folder/$1.log" 2>&1 &
    servers+=($!)
    for _ in $(seq 1200); do
        curl -sf "http://127.0.0.1:$1/api/health" > "$folder/log" && return
        sleep 0.1
    done
    return 1
}
script() {  # of the UI at port $1 below /flowers: its address, and how the server answers for it
    address=$(curl -sfL "http://127.0.0.1:$1/flowers/v2/" | grep -o 'src="[^"]*\.js"' | head -1 | cut -d'"' -f2)
    echo "$address $(curl -s -o "$folder/log" -w '%{http_code}' "http://127.0.0.1:$1$address")"
}
one=$(free)
start "$one" /flowers
before=$(script "$one")
start "$(free)" /
after=$(script "$one")
own=$(free)
start "$own" /flowers PREFECT_UI_STATIC_DIRECTORY="$folder/ui"
apart=$(script "$own")
start "$(free)" /
kept=$(script "$own")
echo "before the second: $before; after it: $after; with a folder of its own: $apart, $kept"
[[ $before == /flowers/*" 200" && $after == *" 404" && $kept == /flowers/*" 200" ]]
