#!/usr/bin/env bash
#
# Gets this student's sandbox from the broker, and writes what the lab needs to know about it as lines for a shell:
#
#   export SANDBOX_ID='2009537'
#   export SANDBOX_NAME='csp-sandbox-0017'
#   export SANDBOX_EXTERNAL_ID='identity/accounts/249f…'
#   export SANDBOX_ACCOUNT_ID='249f…'                       (the last part of the external id)
#   export SANDBOX_SFDC_ACCOUNT_ID='001BE91C…'              (empty if it has none)
#   export SANDBOX_ALLOCATED_AT='1795439003'                (Unix seconds)
#   export SANDBOX_EXPIRES_AT='1795453403'
#
# May be run again at any time: the same student gets the same sandbox. Needs bash 3.2 or newer and curl.
#
# Settings (environment variables):
#   BROKER_API_URL           the broker, with its base path, such as https://broker.example.com/v1; required
#   BROKER_API_TOKEN         the token for labs; required
#   INSTRUQT_PARTICIPANT_ID  set by Instruqt, one for each play of a lab; required, unless BROKER_CALLER_ID is given
#   BROKER_CALLER_ID         who is calling, instead of INSTRUQT_PARTICIPANT_ID
#   INSTRUQT_TRACK_SLUG      set by Instruqt: the lab's name, for people who look at the pool
#   SANDBOX_NAME_PREFIX      only a sandbox whose name begins with this
#   SANDBOX_IDEMPOTENCY_KEY  for a lab that needs several: one sandbox for each key. Default: the caller
#   SANDBOX_ENV_FILE         where the lines go. Default: $HOME/sandbox.env. With - they go to standard output
#   BROKER_DEADLINE_SECONDS  how long to try in all. Default: 600. An empty pool is waited for, too
#   BROKER_CONNECT_TIMEOUT_SECONDS (5), BROKER_TIMEOUT_SECONDS (30)   for each try
#   BROKER_RETRY_BASE_MS (1000), BROKER_RETRY_MAX_MS (20000)          the delays between tries
#
# Exit codes:
#   0  there is a sandbox, and the lines are written
#   1  the broker's answer makes no sense
#   2  a setting is missing or not usable, or curl is
#   3  the broker refuses: wrong token, wrong URL, malformed header. Trying again will not help
#   4  the pool was still empty when the deadline came
#   5  the broker could not be reached, or kept failing, until the deadline
#   6  there is a sandbox, but the lines could not be written. Run it again: it will be the same one
set -euo pipefail

caller="${BROKER_CALLER_ID:-${INSTRUQT_PARTICIPANT_ID:-}}"
readonly caller DEADLINE_SECONDS="${BROKER_DEADLINE_SECONDS:-600}"

# --- From here to the end mark: the same in set-up.sh and clean-up.sh ------------------------------------------------

readonly BASE_DELAY_MS="${BROKER_RETRY_BASE_MS:-1000}" MAX_DELAY_MS="${BROKER_RETRY_MAX_MS:-20000}"
readonly CONNECT_TIMEOUT_SECONDS="${BROKER_CONNECT_TIMEOUT_SECONDS:-5}"
# The broker may keep a call in line for ten seconds before its turn comes.
readonly TIMEOUT_SECONDS="${BROKER_TIMEOUT_SECONDS:-30}"

say() { printf '%s\n' "$*" >&2; }

# fail <exit code> <message>
fail() {
  say "ERROR: $2"
  exit "$1"
}

# need_setting <name> <regular expression> <what it should be>
need_setting() {
  local value="${!1-}"
  [[ -n $value ]] || fail 2 "$1 is not set: $3."
  [[ $value =~ $2 ]] || fail 2 "$1 is not usable: $3."
}

readonly PRINTABLE='^[ -~]{1,256}$'

check_settings() {
  local name
  command -v curl >/dev/null || fail 2 'curl is not installed.'
  need_setting BROKER_API_URL '^https?://[^[:space:]?#]+$' \
    'the broker, with its base path, such as https://broker.example.com/v1'
  need_setting BROKER_API_TOKEN '^[A-Za-z0-9._~+/-]+=*$' 'the token for labs'
  need_setting caller "$PRINTABLE" 'INSTRUQT_PARTICIPANT_ID or BROKER_CALLER_ID must name the student'
  for name in BASE_DELAY_MS MAX_DELAY_MS CONNECT_TIMEOUT_SECONDS TIMEOUT_SECONDS DEADLINE_SECONDS; do
    need_setting "$name" '^[1-9][0-9]{0,5}$' 'a whole number from 1 to 999999'
  done
}

# json_field <name>: the value of a field of $body, unescaped; fails if there is none. Enough for the broker's answers:
# a quotation mark inside a JSON text is always escaped, so that "<name>": cannot be part of one.
json_field() {
  local pattern="\"$1\":[[:space:]]*(\"(([^\"\\\\]|\\\\.)*)\"|-?[0-9]+)"
  local escaped='\"' plain='"'
  [[ $body =~ $pattern ]] || return 1
  # A number, or a text, in which printf knows all other escapes.
  case ${BASH_REMATCH[1]} in
    \"*) printf '%b' "${BASH_REMATCH[2]//"$escaped"/$plain}" ;;
    *) printf '%s' "${BASH_REMATCH[1]}" ;;
  esac
}

# post <path> [curl options]: one try. Sets `status` (000 without an answer), `body`, `code` (of an error) and
# `retry_after` (seconds, or empty). Fails when there was no answer.
post() {
  local path="$1" exit_code=0 limit_seconds=$((DEADLINE_SECONDS - SECONDS))
  shift
  ((limit_seconds <= TIMEOUT_SECONDS)) || limit_seconds=$TIMEOUT_SECONDS
  ((limit_seconds > 0)) || limit_seconds=1
  : >"$scratch/headers"
  : >"$scratch/body"
  # The token goes through a pipe: what stands on a command line can be read by every user of the machine.
  status="$(printf 'header = "Authorization: Bearer %s"\n' "$BROKER_API_TOKEN" |
    curl --disable --config - --silent --show-error --stderr "$scratch/error" --proto '=http,https' \
      --connect-timeout "$CONNECT_TIMEOUT_SECONDS" --max-time "$limit_seconds" \
      --data '' --header "X-Instruqt-Sandbox-ID: $caller" "$@" \
      --dump-header "$scratch/headers" --output "$scratch/body" --write-out '%{http_code}' \
      "${BROKER_API_URL%/}$path")" || exit_code=$?
  body="$(tr -d '\0' <"$scratch/body")"
  code="$(json_field code)" || code=''
  retry_after="$(tr '[:upper:]' '[:lower:]' <"$scratch/headers" |
    sed -n 's/^retry-after: *\([0-9]\{1,6\}\)[[:space:]]*$/\1/p' | tail -n 1)"
  ((exit_code == 0)) && return 0
  # An answer that broke off is none.
  status=000
  case $exit_code in
    # Unknown protocol, malformed URL, a certificate that is not trusted: no other try will do better (man curl).
    1 | 2 | 3 | 51 | 58 | 60 | 77 | 83 | 90) fail 3 "No connection to the broker: $(<"$scratch/error")" ;;
  esac
  return 1
}

# post_patiently <path> [curl options]: tries until there is an answer that another try would not change, or
# until the deadline. The headers are the same each time, so that a repeated call does nothing twice.
post_patiently() {
  local tries=0 limit_ms wait_ms trouble=''
  while true; do
    if post "$@"; then
      case $status in
        408 | 409 | 429 | 5??) trouble="the broker answered $status ${code:-without a code}" ;;
        *) return 0 ;;
      esac
    else
      trouble="no answer: $(tr -d '\n' <"$scratch/error")"
    fi
    # Never earlier than the broker asks; beyond that "full jitter", so that a class does not come back in step.
    limit_ms=$((tries < 20 ? BASE_DELAY_MS << tries : MAX_DELAY_MS))
    ((limit_ms < MAX_DELAY_MS)) || limit_ms=$MAX_DELAY_MS
    wait_ms=$((10#${retry_after:-0} * 1000 + limit_ms * RANDOM / 32768))
    tries=$((tries + 1))
    if ((SECONDS * 1000 + wait_ms >= DEADLINE_SECONDS * 1000)); then
      say "Giving up after $tries tries: $trouble."
      return 1
    fi
    say "Try $tries: $trouble; the next one in $wait_ms ms."
    sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
  done
}

# explain: what the broker said, for a person.
explain() {
  local message request_id
  message="$(json_field message)" || message='it gave no reason in its own words. Is BROKER_API_URL right?'
  request_id="$(json_field request_id)" || request_id='none'
  printf 'The broker answered %s %s: %s (request id: %s)' "$status" "$code" "$message" "$request_id"
}

# Regular expressions and quoting go by bytes, wherever the machine stands.
export LC_ALL=C
SECONDS=0
umask 077
scratch="$(mktemp -d)"
readonly scratch
trap 'rm -rf "$scratch"' EXIT

# --- End mark --------------------------------------------------------------------------------------------------------

# quoted <text>: as one word of a POSIX shell, whatever is in it. The name was chosen by somebody in the portal.
quoted() {
  local quote="'" escaped="'\\''"
  printf "'%s'" "${1//$quote/$escaped}"
}

# line <variable> <text>
line() { printf 'export %s=%s\n' "$1" "$(quoted "$2")"; }

environment_lines() {
  local external_id sfdc_account_id
  external_id="$(json_field external_id)"
  sfdc_account_id="$(json_field sfdc_account_id)" || sfdc_account_id=''
  line SANDBOX_ID "$(json_field sandbox_id)"
  line SANDBOX_NAME "$(json_field name)"
  line SANDBOX_EXTERNAL_ID "$external_id"
  line SANDBOX_ACCOUNT_ID "${external_id##*/}"
  line SANDBOX_SFDC_ACCOUNT_ID "$sfdc_account_id"
  line SANDBOX_ALLOCATED_AT "$(json_field allocated_at)"
  line SANDBOX_EXPIRES_AT "$(json_field expires_at)"
}

# write_lines <file>: all of them or none, readable by this user only.
write_lines() {
  local draft
  # mv would put the draft into it.
  [[ ! -d $1 ]] || return 1
  draft="$(mktemp "$1.XXXXXX")" || return 1
  if printf '%s\n' "$lines" >"$draft" && mv -f "$draft" "$1"; then return 0; fi
  rm -f "$draft"
  return 1
}

optional_header() {
  [[ -z $2 ]] && return 0
  [[ $2 =~ $PRINTABLE ]] || fail 2 "$3 is not usable: at most 256 printable ASCII characters."
  headers+=(--header "$1: $2")
}

check_settings
readonly env_file="${SANDBOX_ENV_FILE:-${HOME:-.}/sandbox.env}"
headers=(--header "Idempotency-Key: ${SANDBOX_IDEMPOTENCY_KEY:-$caller}")
optional_header X-Instruqt-Track-ID "${INSTRUQT_TRACK_SLUG:-}" INSTRUQT_TRACK_SLUG
optional_header X-Sandbox-Name-Prefix "${SANDBOX_NAME_PREFIX:-}" SANDBOX_NAME_PREFIX

post_patiently /allocate "${headers[@]}" || {
  [[ $code == NO_SANDBOXES_AVAILABLE ]] && fail 4 "$(explain)"
  [[ $status == 000 ]] && fail 5 "The broker cannot be reached at $BROKER_API_URL."
  fail 5 "$(explain)"
}
case $status in
  200 | 201) ;;
  *) fail 3 "$(explain)" ;;
esac
for field in sandbox_id name external_id allocated_at expires_at; do
  json_field "$field" >/dev/null || fail 1 "The answer has no $field. Is $BROKER_API_URL the broker?"
done

lines="$(environment_lines)"
if [[ $env_file == - ]]; then
  printf '%s\n' "$lines" || fail 6 'The lines could not be written to standard output.'
else
  write_lines "$env_file" || fail 6 "The lines could not be written to $env_file."
fi
say "This student has sandbox $(json_field sandbox_id) ($(json_field name | tr -cd '[:print:]'))."
