#: simulate-carriers [SEED]  people who are sent codes by providers that fail: the table of docs/carriers.md
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test
build_preset simulation simulate-carriers >"$(log_file simulation)" 2>&1 || { cat "$(log_file simulation)" >&2 && exit 1; }
exec build/simulation/tests/carriers/simulate-carriers "$@"
