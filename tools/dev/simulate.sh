#: simulate [option…]     drive the use cases through crashes, races and attacks; --seed N --seeds K --steps M [--file|--nodes N]
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test
build_preset simulation simulate >"$(log_file simulation)" 2>&1 || { cat "$(log_file simulation)" >&2 && exit 1; }
exec build/simulation/tests/simulation/simulate "$@"
