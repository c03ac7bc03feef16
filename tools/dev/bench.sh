#: bench [arguments]    build the benchmarks for speed and run them, one after the other
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run bench
build_preset bench
for binary in build/bench/bench/*_bench; do
  say "$(basename "$binary")"
  "$binary" "$@"
done
