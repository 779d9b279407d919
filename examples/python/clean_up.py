#!/usr/bin/env python3
"""
Gives this student's sandbox back to the broker, which has it deleted soon after. May be run again at any time. A
sandbox that is gone already, or whose time is over, counts as given back. Needs Python 3.8 or newer, and nothing else.

Settings (environment variables):
  BROKER_API_URL           the broker, with its base path, such as https://broker.example.com/v1; required
  BROKER_API_TOKEN         the token for labs; required
  INSTRUQT_PARTICIPANT_ID  set by Instruqt; the one that set-up ran with. Required, unless BROKER_CALLER_ID is given
  BROKER_CALLER_ID         who is calling, instead of INSTRUQT_PARTICIPANT_ID
  SANDBOX_ID               the sandbox. Default: the one in SANDBOX_ENV_FILE
  SANDBOX_ENV_FILE         what set-up wrote. Default: $HOME/sandbox.env
  BROKER_DEADLINE_SECONDS  how long to try in all. Default: 120
  BROKER_TIMEOUT_SECONDS (30)                                 for each try
  BROKER_RETRY_BASE_MS (1000), BROKER_RETRY_MAX_MS (20000)    the delays between tries

Exit codes:
  0  the sandbox is given back or gone, or there is none to give back
  1  the broker's answer makes no sense
  2  a setting is missing or not usable
  3  the broker refuses: wrong token, wrong URL, another student's sandbox. Trying again will not help
  5  the broker could not be reached, or kept failing, until the deadline. The sandbox is taken back by itself when
     its time is over
"""

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


def id_from_file(path):
    """The sandbox in the file that set-up wrote. The file is read, not run."""
    try:
        with open(path, encoding="utf-8") as file:
            found = re.findall(r"^export SANDBOX_ID='([^']*)'$", file.read(), re.MULTILINE)
    except OSError:
        return ""
    return found[-1] if found else ""


def main():
    token = setting(["BROKER_API_TOKEN"], TOKEN, "the token for labs")
    caller = setting(
        ["BROKER_CALLER_ID", "INSTRUQT_PARTICIPANT_ID"],
        PRINTABLE,
        "it, or INSTRUQT_PARTICIPANT_ID, must name the student",
    )
    broker = Broker(token, 120)
    path = os.environ.get("SANDBOX_ENV_FILE") or os.path.join(os.environ.get("HOME", "."), "sandbox.env")
    known_id = id_from_file(path)
    if not known_id and not os.environ.get("SANDBOX_ID"):
        say(
            f"Nothing to give back: SANDBOX_ID is not set, and {path} names none. If set-up got a sandbox all the "
            "same, it is taken back when its time is over."
        )
        return
    # It becomes part of a path.
    expected = "the sandbox_id that the broker answered with"
    sandbox_id = setting(["SANDBOX_ID"], r"[A-Za-z0-9._-]{1,128}", expected, known_id)

    answer = broker.call("POST", f"/sandboxes/{sandbox_id}/mark-for-deletion", {"X-Instruqt-Sandbox-ID": caller})
    if (answer.status, answer.code) in ((404, "SANDBOX_NOT_FOUND"), (403, "ALLOCATION_EXPIRED")):
        say(f"Sandbox {sandbox_id} is gone, or its time is over: nothing to do.")
        return
    if answer.status == 0 or answer.status in (408, 409, 429) or answer.status >= 500:
        fail(5, answer.explain())
    if answer.status != 200:
        fail(3, answer.explain())
    if answer.body.get("sandbox_id") != sandbox_id:
        fail(1, f"The answer is not about {sandbox_id}. Is BROKER_API_URL the broker?")
    say(f"Sandbox {sandbox_id} is given back.")


if __name__ == "__main__":
    main()
