"""The simplest client that never loses a row: it asks until it gets what it wants."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from typing import Any

import httpx  # noqa: TID251 - to loopback only

from ingestion.simulator.population import LIVE, Company

NS = 1_000_000_000
DAY = 86_400 * NS


def at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * NS


class Reader:
    """One company's conversation with one environment."""

    def __init__(self, base_url: str, company: Company, environment: str = LIVE):
        self.client = httpx.Client(base_url=base_url, timeout=30)
        self.company, self.environment = company, environment
        self.headers = {"x-api-key": company.key}
        self.asked = 0
        self.log_in()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def log_in(self) -> httpx.Response:
        company = self.company
        form = {"grant_type": "user_app", "app_key": f"{company.key}:{company.secret}"}
        answer = self.client.post(
            f"/ttid/{self.environment}/token", headers=self.headers, data=form
        )
        self.headers["Authorization"] = f"Bearer {answer.json().get('access_token')}"
        return answer

    def ask(self, path: str, **params) -> httpx.Response:
        service, _, rest = path.partition("/")
        return self.client.get(
            f"/{service}/{self.environment}/{rest}", params=params, headers=self.headers
        )

    def insist(self, path: str, **params):
        """Return the JSON of a whole answer, or None where the window is too wide."""
        for _ in range(50):
            self.asked += 1
            try:
                answer = self.ask(path, **params)
            except httpx.TransportError:
                continue
            if answer.status_code == 401:
                self.log_in()
            elif answer.status_code == 429:
                time.sleep(float(answer.headers["Retry-After"]))
            elif answer.status_code == 504:
                return None
            elif answer.status_code == 200:
                return json.loads(answer.content, parse_float=str, parse_constant=str)
            elif answer.status_code != 500:
                raise AssertionError(answer.text)
        raise AssertionError(f"{path} never came")

    def fills(self, low: int, high: int) -> list[dict[str, Any]]:
        """Return every row of the window, repeats included."""
        rows: list[dict[str, Any]] = []
        begin = low
        while True:
            told = self.insist("ttledger/fills", minTimestamp=begin, maxTimestamp=high)
            if told is None:
                middle = (begin + high) // 2
                return rows + self.fills(begin, middle) + self.fills(middle + 1, high)
            if "fills" not in told:
                continue
            stamps = [int(row["timeStamp"]) for row in told["fills"]]
            if told["lastPage"] == "false" and max(stamps) <= begin:
                continue  # the page before once more
            rows += told["fills"]
            if told["lastPage"] == "true":
                return rows
            begin = max(stamps)

    def pages(self, path: str, key: str, **params) -> list[list[dict[str, Any]]]:
        """Return the pages of a list with page keys."""
        found = []
        onward: dict[str, str] = {}
        while True:
            told = self.insist(path, **params, **onward)
            if key not in told or "lastPage" not in told:
                continue
            found.append(told[key])
            if told["lastPage"] == "true":
                return found
            onward = {"nextPageKey": told["nextPageKey"]}
