#!/usr/bin/env python3
"""
A report of the pool for people, such as for a nightly mail: how many sandboxes there are in each status, which lab
holds how many, what waits for a person, and how the jobs went. Needs Python 3.8 or newer, and nothing else.

Settings (environment variables):
  BROKER_API_URL            the broker, with its base path, such as https://broker.example.com/v1; required
  BROKER_ADMIN_TOKEN        the token for admins; required
  POOL_MIN_AVAILABLE        with fewer available sandboxes the report asks for attention. Default: 20
  REPORT_PAGE_SIZE          sandboxes asked for at a time, at most 500, which is the default
  BROKER_DEADLINE_SECONDS   how long to try in all. Default: 300
  BROKER_TIMEOUT_SECONDS (30)                                 for each try
  BROKER_RETRY_BASE_MS (1000), BROKER_RETRY_MAX_MS (20000)    the delays between tries

Exit codes:
  0   all is well
  1   the broker's answer makes no sense
  2   a setting is missing or not usable
  3   the broker refuses: wrong token, wrong URL. Trying again will not help
  5   the broker could not be reached, or kept failing, until the deadline
  10  the report asks for attention: the lines that begin with "!"
"""

import collections
import http.client
import json
import os
import random
import re
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# --- From here to the end mark: the same in all Python examples ------------------------------------------------------


def say(text):
    print(text, file=sys.stderr, flush=True)


def fail(exit_code, message):
    say(f"ERROR: {message}")
    sys.exit(exit_code)


def setting(names, pattern, expected, default=""):
    """The first of these variables that is set and not empty; one that does not fit ends the program."""
    value = next((os.environ[name] for name in names if os.environ.get(name)), default)
    if not value:
        fail(2, f"{names[0]} is not set: {expected}.")
    if not re.fullmatch(pattern, value):
        fail(2, f"{names[0]} is not usable: {expected}.")
    return value


def whole_number(name, default):
    return int(setting([name], r"[1-9][0-9]{0,5}", "a whole number from 1 to 999999", default))


PRINTABLE = r"[ -~]{1,256}"
TOKEN = r"[A-Za-z0-9._~+/-]+=*"
MAX_ANSWER_BYTES = 8 * 1024 * 1024


class Answer:
    """What the broker answered, or `status` 0 and why there was no answer."""

    def __init__(self, status, body=None, retry_after=0, trouble=""):
        self.status = status
        self.body = body if isinstance(body, dict) else {}
        self.retry_after = retry_after
        error = self.body.get("error")
        self.error = error if isinstance(error, dict) else {}
        self.code = self.error.get("code", "")
        self.trouble = trouble or f"the broker answered {status} {self.code or 'without a code'}"

    def explain(self):
        """What the broker said, for a person."""
        if self.status == 0:
            return f"The broker cannot be reached: {self.trouble}"
        message = self.error.get("message", "it gave no reason in its own words. Is BROKER_API_URL right?")
        request_id = self.error.get("request_id", "none")
        return f"The broker answered {self.status} {self.code}: {message} (request id: {request_id})"


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected call would take the token to another place."""

    def redirect_request(self, *_args):
        return None


class Broker:
    """Calls the broker again and again, until an answer comes that another try would not change, or the deadline."""

    def __init__(self, token, default_deadline_seconds):
        self.url = setting(
            ["BROKER_API_URL"],
            r"https?://[^\s?#]+",
            "the broker, with its base path, such as https://broker.example.com/v1",
        ).rstrip("/")
        self.headers = {"Authorization": f"Bearer {token}"}
        self.timeout_seconds = whole_number("BROKER_TIMEOUT_SECONDS", "30")
        self.base_delay_ms = whole_number("BROKER_RETRY_BASE_MS", "1000")
        self.max_delay_ms = whole_number("BROKER_RETRY_MAX_MS", "20000")
        self.deadline = time.monotonic() + whole_number("BROKER_DEADLINE_SECONDS", str(default_deadline_seconds))
        self.opener = urllib.request.build_opener(NoRedirects)

    def call(self, method, path, headers=None):
        """The answer; of the last try when the deadline came. The headers are the same each time, so that a repeated
        call does nothing twice."""
        tries = 0
        while True:
            answer = self._try(method, path, {**self.headers, **(headers or {})})
            if not (answer.status in (0, 408, 409, 429) or answer.status >= 500):
                return answer
            # Never earlier than the broker asks; beyond that "full jitter", so that a class does not come back in step.
            jitter_ms = random.uniform(0, min(self.max_delay_ms, self.base_delay_ms * 2 ** min(tries, 20)))
            wait_seconds = answer.retry_after + jitter_ms / 1000
            tries += 1
            if time.monotonic() + wait_seconds >= self.deadline:
                say(f"Giving up after {tries} tries: {answer.trouble}.")
                return answer
            say(f"Try {tries}: {answer.trouble}; the next one in {wait_seconds * 1000:.0f} ms.")
            time.sleep(wait_seconds)

    def _try(self, method, path, headers):
        """One try. No answer when its time is over, however slowly one arrives: urllib's timeout begins anew with each
        byte, also of the headers."""
        timeout = max(0.1, min(self.timeout_seconds, self.deadline - time.monotonic()))
        outcome = []

        def exchange():
            try:
                outcome.append(self._exchange(method, path, headers, timeout))
            except BaseException as error:  # SystemExit included: it ends the program only in the main thread
                outcome.append(error)

        thread = threading.Thread(target=exchange, daemon=True)
        thread.start()
        thread.join(timeout)
        if not outcome:
            return Answer(0, trouble=f"no answer (not complete within {timeout:.1f} s)")
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    def _exchange(self, method, path, headers, timeout):
        body = b"" if method == "POST" else None
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with self.opener.open(request, timeout=timeout) as response:
                return self._read(response, timeout)
        except urllib.error.HTTPError as error:
            with error:
                try:
                    return self._read(error, timeout)
                except (OSError, http.client.HTTPException) as broken:
                    return Answer(0, trouble=f"the answer broke off ({broken!r})")
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                fail(3, f"The broker's certificate is not trusted: {error.reason}")
            return Answer(0, trouble=f"no answer ({error.reason})")
        except http.client.InvalidURL as error:
            fail(2, f"BROKER_API_URL is not usable: {error}.")
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, trouble=f"no answer ({error!r})")

    @staticmethod
    def _read(response, timeout):
        # The socket's timeout is for each read; a server that sends a byte now and then must not hold us for ever.
        until = time.monotonic() + timeout
        text = b""
        while True:
            part = response.read1(65536)
            if not part:
                break
            text += part
            if time.monotonic() > until or len(text) > MAX_ANSWER_BYTES:
                return Answer(0, trouble="the answer took too long, or is too long")
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and len(text) < int(length):
            return Answer(0, trouble="the answer broke off")
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        retry_after = response.headers.get("Retry-After", "")
        seconds = int(retry_after) if re.fullmatch(r"[0-9]{1,6}", retry_after) else 0
        return Answer(response.getcode(), body, seconds)


# --- End mark --------------------------------------------------------------------------------------------------------


def get(broker, path):
    answer = broker.call("GET", path)
    if answer.status == 0 or answer.status in (408, 409, 429) or answer.status >= 500:
        fail(5, answer.explain())
    if answer.status != 200:
        fail(3, answer.explain())
    return answer.body


def sandboxes(broker, status, page_size):
    """Every sandbox in a status, page after page, until there is no cursor to go on with."""
    cursor = None
    while True:
        query = {"status": status, "limit": page_size, **({"cursor": cursor} if cursor else {})}
        page = get(broker, f"/admin/sandboxes?{urllib.parse.urlencode(query)}")
        yield from page["sandboxes"]
        cursor = page["cursor"]
        if not cursor:
            return


def when(unix_seconds):
    if unix_seconds is None:
        return "never"
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(unix_seconds))


def shown(text):
    """A name for a screen: what came from outside may hold control characters."""
    return "".join(character if character.isprintable() else "?" for character in str(text))


def counted(count):
    """A count for a screen: the broker answers null for what it could not count."""
    return "?" if count is None else count


def report(broker, min_available, page_size):
    """The lines of the report; those that ask for attention begin with `!`."""
    stats = get(broker, "/admin/stats")
    yield f"{counted(stats['total'])} sandboxes"
    for status in ("available", "allocated", "pending_deletion", "deletion_unconfirmed", "deletion_failed", "stale"):
        # A broker of an earlier release does not know every status.
        if status in stats:
            yield f"  {status:<21}{counted(stats[status]):>7}"
    if stats.get("uncounted"):
        yield f"! Not counted: {shown(', '.join(stats['uncounted']))}"
    if stats["available"] is not None and stats["available"] < min_available:
        yield f"! Only {stats['available']} available: fewer than {min_available}"

    by_lab = collections.Counter(
        shown(sandbox["track_name"] or "(not named)") for sandbox in sandboxes(broker, "allocated", page_size)
    )
    yield "Held by labs" if by_lab else "No lab holds any"
    for lab, count in by_lab.most_common():
        yield f"  {count:>6}  {lab}"

    for sandbox in sandboxes(broker, "deletion_failed", page_size):
        if sandbox["deletion_given_up"]:
            tries = sandbox["deletion_retry_count"]
            yield f"! {sandbox['sandbox_id']} ({shown(sandbox['name'])}) was not deleted in {tries} attempts"

    if stats.get("listed_after_deletion"):
        yield f"! The portal lists {stats['listed_after_deletion']} accounts that count as deleted"

    jobs = get(broker, "/admin/jobs")
    yield f"Jobs, run by: {jobs['runner']['runner']}"
    if jobs["runner"]["runner"] == "none":
        yield f"! The jobs are frozen: {shown(jobs['runner']['reason'])}"
    for job in jobs["jobs"]:
        outcome = job["last_run"]["outcome"] if job["last_run"] else "not run yet"
        mark = " " if outcome in ("success", "not run yet") else "!"
        yield f"{mark} {job['name']:<18}{outcome:<13}last success {when(job['last_success_at'])}"


def main():
    broker = Broker(setting(["BROKER_ADMIN_TOKEN"], TOKEN, "the token for admins"), 300)
    needs_attention = False
    try:
        for line in report(broker, whole_number("POOL_MIN_AVAILABLE", "20"), whole_number("REPORT_PAGE_SIZE", "500")):
            needs_attention = needs_attention or line.startswith("!")
            print(line, flush=True)
    except (KeyError, TypeError) as error:
        fail(1, f"The answer is not as expected ({error!r}). Is BROKER_API_URL the broker?")
    sys.exit(10 if needs_attention else 0)


if __name__ == "__main__":
    main()
