# `vllm serve` of one student, as deploy/student_vllm.toml reads it. From the project's folder:
#
#   docker build -f deploy/images/vllm.Dockerfile -t reflectory-vllm:0.32.0 .
#   docker run --gpus all --ipc=host -p 127.0.0.1:8000:8000 -v "$PWD/student:/student:ro" reflectory-vllm:0.32.0
#
# No prefix cache: what comes out of it has no log-probability. One token more than student.max_length, because the
# server insists on writing one. Nothing is loaded from a hub: mount the folder of the student.
FROM vllm/vllm-openai:v0.32.0

ENV HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
ENTRYPOINT ["vllm", "serve", "/student", "--no-enable-prefix-caching"]
CMD ["--served-model-name", "student", "--dtype", "bfloat16", "--max-model-len", "4097"]
