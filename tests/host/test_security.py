"""What must not be had from a host, however it is asked."""

import time

import pytest
from hosted import Served

EXPORT = "/products/api/v1/labels/export/"
LOTS = "/products/api/v1/lots/"
IMPORT = "/products/api/v1/catalog/import/"
CAPTURE = "/epcis/api/2.0/capture"
AS_JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("page", ["000000001" + "9" * 20, "1" * 5000, "0", "-1", "1e3", "٣", ""])
def test_a_page_is_a_number_of_a_few_digits(served: Served, page: str) -> None:
    answer = served.client.get(LOTS, params={"page": page})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == "page"


def test_a_key_given_twice_among_many_is_found_at_once(served: Served) -> None:
    members = [b'"%05d":1' % number for number in range(90_000)]
    begun = time.process_time()
    answer = served.client.post(
        EXPORT, content=b"{" + b",".join([*members, members[-1]]) + b"}", headers=AS_JSON
    )
    assert time.process_time() - begun < 5  # it would be minutes if each were compared with each
    assert answer.status_code == 422
    assert "'89999' is given twice" in answer.json()["problems"][0]["message"]
