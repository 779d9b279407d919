#!/usr/bin/env python3
"""
Gets this student's sandbox from the broker, and writes what the lab needs to know about it as lines for a shell:

  export SANDBOX_ID='2009537'
  export SANDBOX_NAME='csp-sandbox-0017'
  export SANDBOX_EXTERNAL_ID='identity/accounts/249f…'
  export SANDBOX_ACCOUNT_ID='249f…'                       (the last part of the external id)
  export SANDBOX_SFDC_ACCOUNT_ID='001BE91C…'              (empty if it has none)
  export SANDBOX_ALLOCATED_AT='1795439003'                (Unix seconds)
  export SANDBOX_EXPIRES_AT='1795453403'

May be run again at any time: the same student gets the same sandbox. Needs Python 3.8 or newer, and nothing else.

Settings (environment variables):
  BROKER_API_URL           the broker, with its base path, such as https://broker.example.com/v1; required
  BROKER_API_TOKEN         the token for labs; required
  INSTRUQT_PARTICIPANT_ID  set by Instruqt, one for each play of a lab; required, unless BROKER_CALLER_ID is given
  BROKER_CALLER_ID         who is calling, instead of INSTRUQT_PARTICIPANT_ID
  INSTRUQT_TRACK_SLUG      set by Instruqt: the lab's name, for people who look at the pool
  SANDBOX_NAME_PREFIX      only a sandbox whose name begins with this
  SANDBOX_IDEMPOTENCY_KEY  for a lab that needs several: one sandbox for each key. Default: the caller
  SANDBOX_ENV_FILE         where the lines go. Default: $HOME/sandbox.env. With - they go to standard output
  BROKER_DEADLINE_SECONDS  how long to try in all. Default: 600. An empty pool is waited for, too
  BROKER_TIMEOUT_SECONDS (30)                                 for each try
  BROKER_RETRY_BASE_MS (1000), BROKER_RETRY_MAX_MS (20000)    the delays between tries

Exit codes:
  0  there is a sandbox, and the lines are written
  1  the broker's answer makes no sense
  2  a setting is missing or not usable
  3  the broker refuses: wrong token, wrong URL, malformed header. Trying again will not help
  4  the pool was still empty when the deadline came
  5  the broker could not be reached, or kept failing, until the deadline
  6  there is a sandbox, but the lines could not be written. Run it again: it will be the same one
"""

import http.client
import json
import os
import random
import re
import ssl
import sys
import tempfile
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


def quoted(text):
    """As one word of a POSIX shell, whatever is in it. The name was chosen by somebody in the portal."""
    return "'" + text.replace("\0", "").replace("'", "'\\''") + "'"


def environment_lines(sandbox):
    values = {
        "SANDBOX_ID": sandbox["sandbox_id"],
        "SANDBOX_NAME": sandbox["name"],
        "SANDBOX_EXTERNAL_ID": sandbox["external_id"],
        "SANDBOX_ACCOUNT_ID": sandbox["external_id"].split("/")[-1],
        "SANDBOX_SFDC_ACCOUNT_ID": sandbox.get("sfdc_account_id") or "",
        "SANDBOX_ALLOCATED_AT": str(sandbox["allocated_at"]),
        "SANDBOX_EXPIRES_AT": str(sandbox["expires_at"]),
    }
    return "".join(f"export {name}={quoted(value)}\n" for name, value in values.items())


def write_lines(path, lines):
    """All of them or none, readable by this user only."""
    folder, name = os.path.split(path)
    handle, draft = tempfile.mkstemp(prefix=f"{name}.", dir=folder or ".")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(lines)
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)
        raise


def optional_header(headers, header, variable):
    if os.environ.get(variable):
        headers[header] = setting([variable], PRINTABLE, "at most 256 printable ASCII characters")


def main():
    token = setting(["BROKER_API_TOKEN"], TOKEN, "the token for labs")
    caller = setting(
        ["BROKER_CALLER_ID", "INSTRUQT_PARTICIPANT_ID"],
        PRINTABLE,
        "it, or INSTRUQT_PARTICIPANT_ID, must name the student",
    )
    path = os.environ.get("SANDBOX_ENV_FILE") or os.path.join(os.environ.get("HOME", "."), "sandbox.env")
    headers = {"X-Instruqt-Sandbox-ID": caller, "Idempotency-Key": caller}
    optional_header(headers, "Idempotency-Key", "SANDBOX_IDEMPOTENCY_KEY")
    optional_header(headers, "X-Instruqt-Track-ID", "INSTRUQT_TRACK_SLUG")
    optional_header(headers, "X-Sandbox-Name-Prefix", "SANDBOX_NAME_PREFIX")

    answer = Broker(token, 600).call("POST", "/allocate", headers)
    if answer.code == "NO_SANDBOXES_AVAILABLE":
        fail(4, answer.explain())
    if answer.status == 0 or answer.status in (408, 409, 429) or answer.status >= 500:
        fail(5, answer.explain())
    if answer.status not in (200, 201):
        fail(3, answer.explain())
    sandbox = answer.body
    kinds = {"sandbox_id": str, "name": str, "external_id": str, "allocated_at": int, "expires_at": int}
    for field, kind in kinds.items():
        if not isinstance(sandbox.get(field), kind):
            fail(1, f"The answer has no {field}. Is BROKER_API_URL the broker?")

    lines = environment_lines(sandbox)
    try:
        if path == "-":
            sys.stdout.buffer.write(lines.encode("utf-8", errors="replace"))
            sys.stdout.flush()
        else:
            write_lines(path, lines)
    except OSError as error:
        # Python would try once more to write what is left, and fail more loudly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        fail(6, f"The lines could not be written to {path}: {error}.")
    say(f"This student has sandbox {sandbox['sandbox_id']} ({ascii(sandbox['name'])}).")


if __name__ == "__main__":
    main()
