#: fuzz [seconds]       run every fuzzer for its share of the seconds (default 60), one on each core
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test
mapfile -t fuzzers < <(find fuzz -maxdepth 1 -name '*_fuzzer.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort)
[[ ${#fuzzers[@]} -gt 0 ]] || die "there is no fuzz/*_fuzzer.cpp"
# The product behind the router is compiled without optimisation (cmake/precompiled.cmake), so its fuzzer needs twice the
# time for as many executions, and begins first.
readonly slow=router_fuzzer
# --stage: for ./dev test, without that one: compiling all of the product with sanitizers takes longer than all the others, and
# its few executions find less than tests/server/router_inputs_test.cpp, which runs it on what the suites have compiled.
if [[ "${1:-}" == --stage ]]; then
  shift
  mapfile -t fuzzers < <(printf '%s\n' "${fuzzers[@]}" | grep -vx "$slow")
fi
build_preset fuzz "${fuzzers[@]}"
if [[ "${1:-}" == --build ]]; then exit; fi

readonly seconds=${1:-60}
share=$((seconds * $(jobs_count) / (${#fuzzers[@]} + 1)))  # One of them twice.
[[ $share -gt 0 ]] || share=1

run_fuzzer() {
  local -r fuzzer=$1 found=build/fuzz/found/$1 # What the run learns stays out of the committed seeds.
  local share=$share
  if [[ $fuzzer == "$slow" ]]; then share=$((share * 2)); fi
  mkdir -p "$found"
  local folders=("$found")
  [[ ! -d fuzz/corpus/$fuzzer ]] || folders+=("fuzz/corpus/$fuzzer")
  local options=(-max_total_time="$share" -timeout=120 -rss_limit_mb=2048 -artifact_prefix="$found-" -verbosity=0
    -print_final_stats=0)
  [[ ! -f fuzz/$fuzzer.dict ]] || options+=(-dict="fuzz/$fuzzer.dict")
  say "$fuzzer, ${share} s"
  "build/fuzz/fuzz/$fuzzer" "${options[@]}" "${folders[@]}" >"$(log_file "$fuzzer")" 2>&1 ||
    { tail -n 60 "$(log_file "$fuzzer")" >&2 && die "$fuzzer found an input that fails: see $found-*"; }
}

running=0 failed=0
mapfile -t fuzzers < <(printf '%s\n' "${fuzzers[@]}" | awk -v slow="$slow" '{ print ($0 != slow) " " $0 }' | sort -s -k1,1 | cut -d ' ' -f 2)
for fuzzer in "${fuzzers[@]}"; do
  if [[ $running -ge $(jobs_count) ]]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  run_fuzzer "$fuzzer" &
  running=$((running + 1))
done
for ((; running > 0; running--)); do wait -n || failed=1; done
exit $failed
