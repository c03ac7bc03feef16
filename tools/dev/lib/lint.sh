# Sourced: the parts of `lint` and `lint-all`.

check_conventions() {
  say "convention checks"
  /usr/bin/python3 -B tests/conventions/conventions.py
}

check_scripts() {
  say "shell scripts"
  shellcheck --shell=bash --exclude=SC1090,SC1091 dev .ci/run tools/dev/*.sh tools/dev/lib/*.sh
}

check_unit() {
  say "service unit"
  # The binary that the unit starts need not be installed here.
  systemd-analyze verify deploy/countersign.service 2>&1 | grep -v "is not executable" >&2 || true
  systemd-analyze security --offline=true --threshold=20 deploy/countersign.service >"$(log_file unit-security)" ||
    { cat "$(log_file unit-security)" >&2 && die "the unit's exposure rose"; }
}

# tidy [SOURCE…]: clang-tidy over these sources, or over all.
tidy() {
  say "clang-tidy"
  configure_preset lint
  rm -rf build/lint/batches
  /usr/bin/python3 -B tools/dev/lib/tidy.py build/lint build/lint/batches "$(jobs_count)" "$@"
}
