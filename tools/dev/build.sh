#: build [preset]       compile: release (the default), debug, asan, tsan, bench, fuzz, editor
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

preset=${1:-release}
case "$preset" in
  release) install_packages run ;;
  debug | asan | tsan | fuzz | editor) install_packages run test ;;
  bench) install_packages run bench ;;
  *) die "there is no preset \"$preset\"" ;;
esac
build_preset "$preset" "${@:2}"
