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
    [curatorkit]="curatorkit[generation]==0.1.22"
    [datasketch]="datasketch==2.0.0"
    [data-juicer]="py-data-juicer==1.6.1 aiohttp torch transformers"
    [dataflow]="torch transformers accelerate datasets numpy<2 pandas==2.3.3 pyarrow==20.0.0 tqdm colorlog appdirs rich
        pyyaml requests colorama docstring_parser"
)
# Of DataFlow itself only what its IFD needs; with all that it asks for it is some gigabytes.
declare -A alone=([dataflow]="open-dataflow==1.0.13")
names=("$@")
[[ ${#names[@]} -gt 0 ]] || names=("${!packages[@]}")
for name in "${names[@]}"; do
    folder=$root/$name
    [[ ! -e $folder/installed.txt ]] || continue
    rm -rf "$folder"
    "${PYTHON:-python3.11}" -m venv "$folder"
    # shellcheck disable=SC2086
    "$folder/bin/pip" install --quiet --quiet --disable-pip-version-check ${packages[$name]}
    [[ -z ${alone[$name]:-} ]] || "$folder/bin/pip" install --quiet --quiet --disable-pip-version-check --no-deps "${alone[$name]}"
    "$folder/bin/pip" freeze > "$folder/frozen.txt"
    mv "$folder/frozen.txt" "$folder/installed.txt"
    echo "$name: $(du -sm "$folder" | cut -f1) MB"
done
