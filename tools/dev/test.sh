#: test [stage…]        everything that must be green before a change lands; or only the stages named:
#:                        fmt conventions web unit headers contract e2e faults fuzz, and asan tsan, which are long and not in it
#: test STAGE NAME      one test of unit, contract, e2e or faults, by a part of its name; of unit also a module
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

readonly all_stages=(fmt conventions web unit headers contract e2e faults fuzz)
export CS_SERVER=${CS_SERVER:-$PWD/build/debug/countersign}  # What the contract, e2e and fault stages start.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1

# What initdb makes, once for all suites, of which each copies it (tests/support/postgres_cluster.cpp).
make_fresh_postgres() {
  local folder version as=()
  folder=$(mktemp -d)
  # shellcheck disable=SC2064 # The folder of now.
  trap "rm -rf '$folder'" EXIT
  if [[ $EUID -eq 0 ]]; then
    chown postgres "$folder"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  fi
  for version in 17 16 15 14 13; do
    [[ -x /usr/lib/postgresql/$version/bin/initdb ]] || continue
    "${as[@]}" "/usr/lib/postgresql/$version/bin/initdb" --pgdata "$folder/data" --username=postgres --auth=trust \
      --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    export CS_TEST_POSTGRES_FRESH=$folder/data
    return
  done
}

# More suites at a time than processors, because the longest mostly wait; those start first (COST, cmake/modules.cmake).
run_ctest() {
  local status=0
  make_fresh_postgres
  ctest --test-dir "build/$1" -j "$(($(jobs_count) * 3))" --output-on-failure --no-tests=error "${@:2}" || status=$?
  /usr/bin/python3 -B tools/dev/lib/tests_ran.py "build/$1" "${@:2}" || status=1
  return "$status"
}

# run_node_tests JOBS FILE…: that many files side by side, in the order given; a file that is named twice runs once. What one
# prints stays together. One that waits for what never comes ends after 25 minutes, and is named.
run_node_tests() {
  # shellcheck disable=SC2016 # For the inner shell.
  printf '%s\n' "${@:2}" | awk '!seen[$0]++' | xargs -P "$1" -n 1 bash -c '
    output=$(timeout --kill-after=30 25m node --test "$0" 2>&1)
    status=$?
    printf "%s\n" "$output"
    ((status != 124 && status != 137)) || printf "not ok: %s did not end within 25 minutes\n" "$0"
    exit $status'
}

stage_fmt() { bash tools/dev/fmt.sh --check; }

stage_conventions() { /usr/bin/python3 -B tests/conventions/conventions_test.py && /usr/bin/python3 -B tests/conventions/conventions.py; }

# Styles and scripts: dist/ as its sources make it, their tests and sizes.
stage_web() { bash tools/dev/web.sh --check; }

stage_unit() {
  rm -f build/debug/Testing/Temporary/LastTest.log
  build_preset debug
  run_ctest debug
}

# Every header of src/ compiles alone; a batch would hide what one forgets.
stage_headers() {
  build_preset debug  # Some headers are generated.
  /usr/bin/python3 -B tools/dev/lib/headers_alone.py build/debug "$(jobs_count)"
}

# The longest first, so that none of them is alone at the end. They mostly wait for timers, so there are more than processors.
run_contract_tests() {
  local -r jobs=$(($(jobs_count) * 2))
  run_node_tests "$((jobs < 8 ? jobs : 8))" tests/contract/{box_office,bad_input,clients,api}.test.mjs "$@"
}

# The checks that need Node: the API against its description, other people's clients.
stage_contract() {
  build_preset debug countersign
  run_contract_tests tests/contract/*.test.mjs tests/interop/*.test.mjs
}

# The pages in a real browser, which keeps a processor busy: each file has a server and a browser of its own, and waits for them
# now and then.
stage_e2e() {
  build_preset debug countersign
  local -r jobs=$(($(jobs_count) * 3 / 2))
  run_node_tests "$((jobs < 6 ? jobs : 6))" tests/e2e/{developer_pages,box_office_look}.test.mjs tests/e2e/*.test.mjs
}

# Processes killed, disks full, cables cut, under load.
stage_faults() {
  build_preset debug countersign
  run_node_tests 1 tests/faults/*.test.mjs
}

# Everything once more under the address and undefined-behaviour sanitizers, the contract with a server under them too.
stage_asan() {
  build_preset asan
  run_ctest asan
  CS_SERVER=$PWD/build/asan/countersign run_contract_tests tests/contract/*.test.mjs
}

# Only the suites that start threads; elsewhere a data race cannot be.
stage_tsan() {
  build_preset tsan threaded_tests
  TSAN_OPTIONS=halt_on_error=1 run_ctest tsan -L threaded
}

# Three seconds for each: what a change broke in what the committed seeds reach. Looking for more is `./dev fuzz SECONDS`.
stage_fuzz() {
  local count
  count=$(find fuzz -maxdepth 1 -name '*_fuzzer.cpp' | wc -l)
  bash tools/dev/fuzz.sh --stage $((count * 3 / $(jobs_count) + 1))
}

# meanwhile LOG COMMAND…: runs it beside the stages, its output in LOG; sets $! to its process, which leads a group of its
# own that ends with us.
meanwhile() {
  set -m
  "${@:2}" >"$1" 2>&1 &
  set +m
  groups+=("$!")
  trap end_early INT TERM
}

end_early() {
  local group
  for group in "${groups[@]}"; do kill -- "-$group" 2>/dev/null; done
  exit 130
}

# Whatever the stages before leave of the processors builds the fuzzers, at the lowest priority: the end of a build, suites
# and the stages of Node, which mostly wait. Their own stage shows what the compiler says.
build_fuzzers_meanwhile() {
  meanwhile /dev/null nice -n 19 bash tools/dev/fuzz.sh --stage --build
  fuzzers_build=$!
}

# The faults mostly wait, so they begin beside the headers, which only compute. They are shown in their turn.
begin_faults() {
  faults_log=$(log_file stage-faults)
  rm -f "$faults_log.seconds"
  # shellcheck disable=SC2016 # For the inner shell.
  meanwhile "$faults_log" bash -c 'status=0; bash tools/dev/test.sh --stage faults || status=$?; echo "$SECONDS" >"$0.seconds"; exit $status' "$faults_log"
  faults=$!
}

run_stage() {
  local status=0
  if [[ $1 == faults && -n $faults ]]; then
    wait "$faults" || status=$?
    cat "$faults_log"
    return "$status"
  fi
  case "$1" in
    headers) nice -n "$([[ -n $faults ]] && echo 10 || echo 0)" bash tools/dev/test.sh --stage "$1" ;;
    contract | e2e | faults) bash tools/dev/test.sh --stage "$1" 2>&1 | tee "$(log_file "stage-$1")" ;;
    *) bash tools/dev/test.sh --stage "$1" ;;
  esac
}

# tests_failed STAGE: the names of the tests that failed in it, one a line; of other stages nothing.
tests_failed() {
  local preset=$1
  if [[ $1 == unit ]]; then preset=debug; fi
  case "$1" in
    unit | asan | tsan) sed -nE 's/^\[  FAILED  \] ([^ ,]+\.[^ ,]+).*/\1/p' "build/$preset/Testing/Temporary/LastTest.log" ;;
    contract | e2e | faults) sed -nE 's/^ *not ok [0-9]+ - //p' "$(log_file "stage-$1")" ;;
  esac 2>/dev/null | sort -u
}

# unit NAME: builds and runs only what holds it.
named_unit() {
  local found binary filter path
  found=$(/usr/bin/python3 -B tools/dev/lib/find_tests.py "$1")
  [[ -n "$found" ]] || die "there is no test, module or file \"$1\""
  # shellcheck disable=SC2046 # One word for each binary.
  build_preset debug $(cut -d ' ' -f 1 <<<"$found")
  while read -r binary filter; do
    path=$(find build/debug/tests -type f -executable -name "$binary")
    "$path" --gtest_brief=1 --gtest_filter="$filter"
  done <<<"$found"
}

# contract, e2e, faults NAME: the tests whose name holds it; files without one are passed over.
named_node() {
  build_preset debug countersign
  local -A folders=([contract]="tests/contract tests/interop" [e2e]=tests/e2e [faults]=tests/faults)
  local files
  # shellcheck disable=SC2086 # Folders, one word each.
  mapfile -t files < <(grep -rlF --include='*.mjs' -- "$2" ${folders[$1]})
  [[ ${#files[@]} -gt 0 ]] || die "no test of $1 holds \"$2\""
  # Suites are part of a file of their stage; a file of which no test is meant starts no server.
  if [[ $1 != contract ]]; then files=("tests/$1"/*.test.mjs); fi
  node --test --test-name-pattern="$2" "${files[@]}"
}

# Each stage runs in a shell of its own, so that `set -e` holds inside it and one failure does not hide another.
run_all() {
  local stage started seconds passed=0 failed=() report=()
  for stage in "$@"; do
    declare -F "stage_$stage" >/dev/null || die "there is no stage \"$stage\""
  done
  install_packages run test
  install_npm tools/npm
  fuzzers_build='' faults='' built='' groups=()
  if [[ $1 != fuzz && " $* " == *" fuzz "* ]]; then build_fuzzers_meanwhile; fi
  for stage in "$@"; do
    # Where the stage before has built all; else both would build it.
    if [[ $stage == headers && " $* " == *" faults "* && -n $built ]]; then begin_faults; fi
    say "stage $stage"
    started=$SECONDS
    if [[ $stage == fuzz && -n $fuzzers_build ]]; then wait "$fuzzers_build" || true; fi
    if run_stage "$stage"; then passed=$((passed + 1)); else failed+=("$stage"); fi
    if [[ $stage == unit && " ${failed[*]} " != *" unit "* ]]; then built=yes; fi
    seconds=$((SECONDS - started))
    if [[ $stage == faults && -n $faults ]]; then seconds=$(<"$faults_log.seconds"); fi
    report+=("$(printf '%-10s %4d s%s' "$stage" "$seconds" "$([[ " ${failed[*]} " != *" $stage "* ]] || echo '  FAILED')")")
  done
  printf '%s\n' "" "${report[@]}" "$(printf '%-10s %4d s' total "$SECONDS")"
  echo "stages: $passed passed, ${#failed[@]} failed"
  for stage in "${failed[@]}"; do tests_failed "$stage" | sed "s/^/failed: $stage: /"; done
  [[ ${#failed[@]} -eq 0 ]]
}

is_stage() { declare -F "stage_$1" >/dev/null; }

if [[ $# -eq 0 ]]; then
  run_all "${all_stages[@]}"
elif [[ $1 == --stage ]]; then
  "stage_$2"
elif [[ $# -eq 2 ]] && ! is_stage "$2"; then
  install_packages run test
  install_npm tools/npm
  case "$1" in
    unit) named_unit "$2" ;;
    contract | e2e | faults) named_node "$1" "$2" ;;
    *) die "only unit, contract, e2e and faults take the name of a test" ;;
  esac
else
  run_all "$@"
fi
