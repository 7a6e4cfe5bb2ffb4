#!/usr/bin/env bash
# obstore 0.12.1: the repr of an AzureStore whose account stands in the environment raises PanicException, which is no
# Exception: a logger or a debugger that shows the store ends a program whose handlers catch Exception. Where the account
# is given as an argument, and for an S3Store, which takes its region from the environment, the repr is as expected.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check obstore==0.12.1
AZURE_STORAGE_ACCOUNT_NAME=account AZURE_STORAGE_ACCOUNT_KEY=a2V5 AWS_REGION=us-east-1 "$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
from obstore.store import AzureStore, S3Store

print(repr(S3Store("bucket")))
print(repr(AzureStore("container", account_name="account")))
try:
    print(repr(AzureStore("container")))
except BaseException as error:
    print(f"{type(error).__name__}: {error}; an Exception: {isinstance(error, Exception)}")
    raise SystemExit(isinstance(error, Exception))
raise SystemExit("the repr is shown: changed")
PYTHON
