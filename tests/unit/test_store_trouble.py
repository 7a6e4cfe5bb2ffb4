"""What an object store does, in a sentence, by what the libraries say of it."""

import pytest

from warehouse.object_store import store_trouble

GOOGLE_TOKEN = "http://127.0.0.1:9/computeMetadata/v1/instance/service-accounts/default/token?audience=x"
DRAWN = """Kernel error -> Generic GCS error
          \x1b[31m↳\x1b[0m Error performing token request
            \x1b[31m↳\x1b[0m Error performing GET http://127.0.0.1:9/computeMetadata/v1 in 101.641ms, after 1 retries"""


@pytest.mark.parametrize(
    ("url", "said", "told"),
    [
        ("s3://b/p", "Generic S3 error: Error performing PUT http://x/latest/api/token in 1s - HTTP", "AWS_ACCESS_"),
        ("az://c/p", "Generic MicrosoftAzure error: Error performing token request: Error performing GET y", "AZURE_"),
        ("gs://b/p", f"Generic GCS error: Error performing token request: Error performing GET {GOOGLE_TOKEN} in 1s -"
         " Server returned non-2xx status code: 404 Not Found", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("gs://b/p", DRAWN, "GOOGLE_APPLICATION_CREDENTIALS"),
    ],
)  # fmt: skip
def test_who_has_no_credentials_is_told_which(url: str, said: str, told: str) -> None:
    found = store_trouble(url, Exception(said))
    assert found
    assert found.startswith("asks for credentials, and none were to be had; look at ")
    assert told in found


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Error performing GET http://x/b/w in 1s - Server returned non-2xx status code: 404 Not Found: NoSuchBucket",
         "has no such bucket or container"),
        ("Object at w not found: Error performing GET http://x/b/w in 1s - Server returned non-2xx status code:"
         " 404 Not Found: <Error><Code>NoSuchKey</Code></Error>", "lacks an object that was there"),
        ("Error performing PUT http://x/b/w in 1s - Server returned non-2xx status code: 403", "refuses access"),
        ("Error performing PUT http://x/b/w in 20s, after 8 retries - status code: 429", "answers 429"),
        ("Generic GCS error: HTTP error: error sending request", "cannot be reached"),
        ("invalid literal for int()", None),
    ],
)  # fmt: skip
def test_what_a_store_answers_is_a_sentence(said: str, told: str | None) -> None:
    found = store_trouble("gs://b/p", Exception(said))
    assert told in (found or "") if told else found is None
