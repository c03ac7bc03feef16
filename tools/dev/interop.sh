#: interop [NAME…]        the newest official Twilio SDKs (go java node python), unmodified, against this server, and other
#:                        libraries of WebAuthn (webauthn-debian webauthn-java webauthn-node webauthn-python), which judge
#:                        the same ceremonies, of Web Push (push-node) and Firefox (push-firefox), which read our messages, altcha-lib (pow-node),
#:                        which solves and judges our proofs of work, and Debian's exim4 (smtp-exim), which carries our mails and returns one; says what
#:                        it skipped and why. 1 when anything failed or nothing ran;
#:                        --require-all: or was skipped
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

readonly all_sdks=(go java node python pow-node push-firefox push-node smtp-exim webauthn-debian webauthn-java webauthn-node webauthn-python)
readonly here=$PWD/tests/sdks oracles=$PWD/tests/oracles home=$PWD/build/interop
readonly skipped=75  # What --prepare ends with when that SDK cannot be had here.
# How the clients of the registries say that something is not what is locked, or that a lock is not whole: no reason to skip.
readonly altered='DO NOT MATCH THE HASHES|SECURITY ERROR|checksum mismatch|EINTEGRITY|Checksum validation failed'
readonly unlocked='missing go.sum entry|updates to go.mod needed|require-hashes mode|EUSAGE'

# skip REASON
skip() {
  echo "$*" >"$home/$sdk.skipped"
  exit "$skipped"
}

# Seconds for all that one of them fetches. Clients of registries wait for minutes, and try again: pip alone for a quarter
# of an hour for each package of a registry that accepts a connection and says nothing.
readonly wait_most=${CS_INTEROP_WAIT:-300}

# bounded COMMAND…: in a process group of its own, which is ended when the time is over: then 124.
bounded() {
  set -m
  "$@" >>"$log" 2>&1 </dev/null &
  local -r worker=$!
  set +m
  local -r until=$((SECONDS + wait_most))
  while kill -0 "$worker" 2>/dev/null; do
    if ((SECONDS >= until)); then
      kill -- "-$worker" 2>/dev/null || true
      wait "$worker" 2>/dev/null || true
      return 124
    fi
    sleep 0.2
  done
  wait "$worker"
}

# fetch LINE COMMAND…: what comes from a registry. One that has no answer, or none in time, is a reason to skip: the line
# of the output that LINE, a pattern, finds first.
fetch() {
  local -r line=$1
  local status=0
  bounded "${@:2}" || status=$?
  [[ $status -ne 0 ]] || return 0
  if [[ $status -eq 124 ]]; then
    skip "what it needs could not be fetched within $wait_most s: the registry did not answer; last was: $(tail -n 1 "$log") (all of it in build/logs/interop-$sdk.log)"
  fi
  if grep -qE "$altered|$unlocked" "$log"; then tail -n 20 "$log" >&2 && die "what came for $sdk is not what is locked"; fi
  skip "could not be installed: $(grep -m 1 -iE "$line" "$log" || tail -n 1 "$log") (all of it in build/logs/interop-$sdk.log)"
}

# needs PROGRAM PACKAGE
needs() { command -v "$1" >/dev/null || skip "$1 is not installed; Debian has it as $2"; }

prepare_go() {
  needs go golang-go
  cd "$here/go" || exit
  fetch ' Get "|lookup ' go list -deps -f '{{""}}' .
  CGO_ENABLED=0 go build -o "$home/go/driver" .
}

# build_java FOLDER PROGRAM
build_java() {
  local -r libraries=$home/$sdk/libraries
  needs javac default-jdk-headless
  needs mvn maven
  rm -rf "${home:?}/$sdk"
  mkdir -p "$libraries" "$home/$sdk/classes"
  fetch 'ERROR\] [a-z]' mvn -B -q -ntp --strict-checksums -f "$1/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$libraries"
  # Maven locks versions; this locks bytes.
  (cd "$libraries" && LC_ALL=C sha256sum -- *.jar) | diff "$1/libraries.sha256" - ||
    die "the libraries are not those of $1/libraries.sha256"
  javac -Xlint:all,-processing,-classfile -Werror -d "$home/$sdk/classes" -cp "$libraries/*" "$1/$2"
}

prepare_java() { build_java "$here/java" Driver.java; }
prepare_webauthn-java() { build_java "$oracles/java" Oracle.java; }

prepare_node() {
  # It refuses a Node that is too old for the SDK: tests/sdks/node/.npmrc.
  fetch 'required:|FetchError' install_npm tests/sdks/node
}

prepare_push-firefox() { needs firefox-esr firefox-esr; }
prepare_smtp-exim() {
  command -v exim4 >/dev/null && return 0
  [[ ! -e /usr/sbin/sendmail ]] || skip "another mail server is installed, which Debian would remove for exim4-daemon-light"
  install_packages interop-exim || skip "exim4-daemon-light could not be installed"
}
prepare_push-node() { :; }  # Its libraries are among those of tools/npm.
prepare_pow-node() { fetch 'required:|FetchError' install_npm tests/oracles/node; }
prepare_webauthn-node() { fetch 'required:|FetchError' install_npm tests/oracles/node; }

# install_python FOLDER
install_python() {
  local -r python=$home/$sdk/bin/python3
  [[ -x $python ]] || fetch 'ensurepip|venv' /usr/bin/python3 -m venv "$home/$sdk"
  fetch '^ERROR' "$python" -m pip install --no-input --timeout 30 --retries 2 --require-hashes --only-binary :all: -r "$1/requirements.txt"
}

prepare_python() { install_python "$here/python"; }
prepare_webauthn-python() { install_python "$oracles/python"; }

prepare_webauthn-debian() {
  needs ruby ruby-webauthn
  ruby -e 'require "webauthn"' 2>>"$log" || skip "Debian's ruby-webauthn is not installed"
  /usr/bin/python3 -c 'import fido2' 2>>"$log" || skip "Debian's python3-fido2 is not installed"
}

# run_one: what was prepared, under node's test runner.
run_one() {
  case "$sdk" in
    pow-*) node --test tests/oracles/pow.test.mjs ;;
    push-firefox) node --test tests/oracles/firefox.test.mjs ;;
    smtp-exim) node --test tests/oracles/exim.test.mjs ;;
    push-*) node --test tests/oracles/push.test.mjs ;;
    webauthn-*) CS_ORACLES=$sdk node --test tests/oracles/oracles.test.mjs ;;
    *) CS_SDK=$sdk node --test tests/sdks/sdks.test.mjs ;;
  esac
}

# In a shell of its own, so that `set -e` holds inside it.
if [[ ${1:-} == --prepare ]]; then
  sdk=$2
  log=$PWD/$(log_file "interop-$sdk")
  : >"$log"
  mkdir -p "$home"
  "prepare_$sdk"
  exit 0
fi

require_all=no
chosen=()
for word in "$@"; do
  case "$word" in
    --require-all) require_all=yes ;;
    go | java | node | python | pow-node | push-firefox | push-node | smtp-exim | webauthn-debian | webauthn-java | webauthn-node | webauthn-python) chosen+=("$word") ;;
    *) die "interop takes ${all_sdks[*]} and --require-all, not \"$word\"" ;;
  esac
done
[[ ${#chosen[@]} -gt 0 ]] || chosen=("${all_sdks[@]}")

install_packages run test
install_npm tools/npm
# What is missing after this, each SDK says for itself.
install_packages interop || say "not everything of [interop] in packages.txt could be installed"
build_preset debug countersign pow_challenges push_messages webauthn_cases
export CS_SERVER=${CS_SERVER:-$PWD/build/debug/countersign}

passed=0 failed=0 omitted=0 report=()
for sdk in "${chosen[@]}"; do
  if [[ $sdk == webauthn-* || $sdk == push-* || $sdk == pow-* || $sdk == smtp-* ]]; then say "oracles: $sdk"; else say "the SDK for $sdk"; fi
  status=0
  bash tools/dev/interop.sh --prepare "$sdk" || status=$?
  if [[ $status -eq $skipped ]]; then
    omitted=$((omitted + 1))
    report+=("$(printf '%-15s SKIPPED  %s' "$sdk" "$(<"$home/$sdk.skipped")")")
  elif [[ $status -eq 0 ]] && run_one | tee "$home/$sdk.tap"; then
    passed=$((passed + 1))
    report+=("$(printf '%-15s passed   %s' "$sdk" "$(grep -ohE -m 1 'twilio-[a-z]+/[0-9.]+|[0-9]+ cases in all|Mozilla Firefox [0-9.a-z]+|Exim version [0-9.]+' "$home/$sdk.tap")")")
  else
    failed=$((failed + 1))
    report+=("$(printf '%-15s FAILED' "$sdk")")
  fi
done
printf '%s\n' "" "${report[@]}"
echo "SDKs and oracles: $passed passed, $failed failed, $omitted skipped"
[[ $failed -eq 0 && $passed -gt 0 ]] && [[ $require_all == no || $omitted -eq 0 ]]
