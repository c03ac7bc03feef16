#: fuzz [seconds]       run every fuzzer for an equal share of the seconds (default 60)
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test
seconds=${1:-60}
mapfile -t fuzzers < <(find fuzz -maxdepth 1 -name '*_fuzzer.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort)
[[ ${#fuzzers[@]} -gt 0 ]] || die "there is no fuzz/*_fuzzer.cpp"
build_preset fuzz "${fuzzers[@]}"

share=$((seconds / ${#fuzzers[@]}))
[[ $share -gt 0 ]] || share=1
for fuzzer in "${fuzzers[@]}"; do
  found=build/fuzz/found/$fuzzer # What the run learns stays out of the committed seeds.
  mkdir -p "$found"
  folders=("$found")
  [[ ! -d fuzz/corpus/$fuzzer ]] || folders+=("fuzz/corpus/$fuzzer")
  options=(-max_total_time="$share" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$found-" -verbosity=0
    -print_final_stats=0)
  [[ ! -f fuzz/$fuzzer.dict ]] || options+=(-dict="fuzz/$fuzzer.dict")
  say "$fuzzer, ${share} s"
  "build/fuzz/fuzz/$fuzzer" "${options[@]}" "${folders[@]}" >"$(log_file "$fuzzer")" 2>&1 ||
    { tail -n 60 "$(log_file "$fuzzer")" >&2 && die "$fuzzer found an input that fails: see $found-*"; }
done
