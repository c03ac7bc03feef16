#: test [stage…]        everything that must be green before a change lands; or only the stages named:
#:                        fmt house web unit headers contract e2e faults fuzz, and asan tsan, which are long and not in it
#: test STAGE NAME      one test of unit, contract, e2e or faults, by a part of its name; of unit also a room
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

readonly all_stages=(fmt house web unit headers contract e2e faults fuzz)
export CS_SERVER=${CS_SERVER:-$PWD/build/debug/countersign}  # What the contract, e2e and fault stages start.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1

run_ctest() {
  ctest --test-dir "build/$1" -j "$(jobs_count)" --output-on-failure --no-tests=error "${@:2}"
}

# Files side by side: they mostly wait for timers. What one prints stays together.
run_node_tests() {
  local -r jobs=$(jobs_count)
  # shellcheck disable=SC2016 # For the inner shell.
  printf '%s\n' "$@" | xargs -P "$((jobs < 4 ? jobs : 4))" -n 1 bash -c \
    'output=$(node --test "$0" 2>&1); status=$?; printf "%s\n" "$output"; exit $status'
}

stage_fmt() { bash tools/dev/fmt.sh --check; }

stage_house() { /usr/bin/python3 -B tests/house/house_test.py && /usr/bin/python3 -B tests/house/house.py; }

# Styles and scripts: dist/ as its sources make it, their tests and sizes.
stage_web() { bash tools/dev/web.sh --check; }

stage_unit() {
  build_preset debug
  run_ctest debug
}

# Every header of src/ compiles alone; a batch would hide what one forgets.
stage_headers() {
  build_preset debug  # Some headers are generated.
  /usr/bin/python3 -B tools/dev/lib/headers_alone.py build/debug "$(jobs_count)"
}

# The checks that need Node: the API against its description, other people's clients.
stage_contract() {
  build_preset debug countersign
  run_node_tests tests/contract/*.test.mjs tests/interop/*.test.mjs
}

# The pages in a real browser.
stage_e2e() {
  build_preset debug countersign
  node --test tests/e2e/*.test.mjs
}

# Processes killed, disks full, cables cut, under load.
stage_faults() {
  build_preset debug countersign
  node --test tests/faults/*.test.mjs
}

# Everything once more under the address and undefined-behaviour sanitizers, the contract with a server under them too.
stage_asan() {
  build_preset asan
  run_ctest asan
  CS_SERVER=$PWD/build/asan/countersign run_node_tests tests/contract/*.test.mjs
}

# Only the suites that start threads; elsewhere a data race cannot be.
stage_tsan() {
  build_preset tsan threaded_tests
  TSAN_OPTIONS=halt_on_error=1 run_ctest tsan -L threaded
}

stage_fuzz() {
  local count
  count=$(find fuzz -maxdepth 1 -name '*_fuzzer.cpp' | wc -l)
  bash tools/dev/fuzz.sh $((count * 5))
}

# unit NAME: builds and runs only what holds it.
named_unit() {
  local found binary filter path
  found=$(/usr/bin/python3 -B tools/dev/lib/find_tests.py "$1")
  [[ -n "$found" ]] || die "there is no test, room or file \"$1\""
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
  # Suites are part of the one file of their stage.
  if [[ $1 != contract ]]; then files=("tests/$1/$1.test.mjs"); fi
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
  for stage in "$@"; do
    say "stage $stage"
    started=$SECONDS
    if bash tools/dev/test.sh --stage "$stage"; then passed=$((passed + 1)); else failed+=("$stage"); fi
    seconds=$((SECONDS - started))
    report+=("$(printf '%-10s %4d s%s' "$stage" "$seconds" "$([[ " ${failed[*]} " != *" $stage "* ]] || echo '  FAILED')")")
  done
  printf '%s\n' "" "${report[@]}" "$(printf '%-10s %4d s' total "$SECONDS")"
  echo "stages: $passed passed, ${#failed[@]} failed"
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
