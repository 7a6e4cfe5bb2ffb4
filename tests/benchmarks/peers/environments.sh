#!/usr/bin/env bash
# Makes an environment of its own for each peer, with pinned versions: environments.sh [NAME …]
# In $REFLECTORY_PEERS, else in /tmp/peers-env. What is there is left as it is.
set -euo pipefail
root=${REFLECTORY_PEERS:-/tmp/peers-env}
declare -A packages=(
    [datatrove]="datatrove==0.10.1 aiosqlite aiofiles httpx orjson xxhash openai==3.54.0"
    [curator]="bespokelabs-curator==0.1.31"
    [data-designer]="data-designer==0.9.7"
    [distilabel]="distilabel[openai]==1.5.3 requests"
    [curatorkit]="curatorkit==0.1.22"
)
names=("$@")
[[ ${#names[@]} -gt 0 ]] || names=(datatrove curator data-designer distilabel curatorkit)
for name in "${names[@]}"; do
    folder=$root/$name
    [[ ! -e $folder/installed.txt ]] || continue
    rm -rf "$folder"
    "${PYTHON:-python3.11}" -m venv "$folder"
    # shellcheck disable=SC2086
    "$folder/bin/pip" install --quiet --quiet --disable-pip-version-check ${packages[$name]}
    "$folder/bin/pip" freeze > "$folder/frozen.txt"
    mv "$folder/frozen.txt" "$folder/installed.txt"
    echo "$name: $(du -sm "$folder" | cut -f1) MB"
done
