# Sourced by every verb; the working directory is the repository.
set -euo pipefail

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

die() {
  printf './dev: %s\n' "$*" >&2
  exit 1
}

jobs_count() { nproc; }

# configure_preset PRESET: configures once; ninja reconfigures by itself when a CMake file changes.
configure_preset() {
  [[ -f "build/$1/build.ninja" ]] || cmake --preset "$1" >"$(log_file "configure-$1")" 2>&1 ||
    { cat "$(log_file "configure-$1")" >&2 && return 1; }
}

# build_preset PRESET [TARGET…]: builds, and shows the compiler's output only when something fails.
build_preset() {
  local preset=$1
  shift
  configure_preset "$preset"
  ninja -C "build/$preset" -j "$(jobs_count)" "$@"
}

log_file() {
  mkdir -p build/logs
  echo "build/logs/$1.log"
}
