#: lint [path regex]    clang-tidy over the sources (or those whose path matches), house checks, shell and unit files
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test lint

say "house checks"
/usr/bin/python3 -B tests/house/house.py

say "shell scripts"
shellcheck --shell=bash --exclude=SC1090,SC1091 dev .ci/run tools/dev/*.sh tools/dev/lib/*.sh

say "service unit"
# The binary that the unit starts need not be installed here.
systemd-analyze verify deploy/countersign.service 2>&1 | grep -v "is not executable" >&2 || true
systemd-analyze security --offline=true --threshold=20 deploy/countersign.service >"$(log_file unit-security)" ||
  { cat "$(log_file unit-security)" >&2 && die "the unit's exposure rose"; }

say "clang-tidy"
configure_preset lint
run-clang-tidy-19 -quiet -p build/lint -j "$(jobs_count)" -clang-tidy-binary clang-tidy-19 \
  "${1:-$PWD/(src|tests|fuzz|bench)/}"
