#: simulate-fraud [SEED]     people and attackers who ask for codes: the table of docs/fraud.md
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test
build_preset simulation simulate-fraud >"$(log_file simulation)" 2>&1 || { cat "$(log_file simulation)" >&2 && exit 1; }
exec build/simulation/tests/fraud/simulate-fraud "$@"
