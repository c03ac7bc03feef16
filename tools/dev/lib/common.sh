# Sourced by every verb; the working directory is the repository.
set -euo pipefail

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

die() {
  printf './dev: %s\n' "$*" >&2
  exit 1
}

jobs_count() { nproc; }

# configure_preset PRESET [OPTION…]: configures once; ninja reconfigures by itself when a CMake file changes.
configure_preset() {
  [[ -f "build/$1/build.ninja" ]] || run_cmake "$@"
}

run_cmake() {
  cmake --preset "$@" >"$(log_file "configure-$1")" 2>&1 || { cat "$(log_file "configure-$1")" >&2 && return 1; }
}

# What `./dev run` builds is part of what `./dev test` builds; only the latter's packages are there to build the tests.
configure_server() { configure_preset debug -DCS_TESTS=OFF; }

configure_debug() {
  ! grep -qs "CS_TESTS:BOOL=ON" build/debug/CMakeCache.txt || return 0
  run_cmake debug -DCS_TESTS=ON
  # For editors: every file alone, as it must also compile.
  configure_preset editor
  ln -sfn build/editor/compile_commands.json compile_commands.json
}

# build_preset PRESET [TARGET…]: builds, and shows the compiler's output only when something fails.
build_preset() {
  local preset=$1
  shift
  if [[ $preset == debug ]]; then configure_debug; else configure_preset "$preset"; fi
  run_ninja "$preset" "$@"
}

run_ninja() { ninja -C "build/$1" -j "$(jobs_count)" "${@:2}"; }

log_file() {
  mkdir -p build/logs
  echo "build/logs/$1.log"
}
