#: lint [BASE]          clang-tidy and convention checks over what changed since BASE (default: the merge base with main)
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh
source tools/dev/lib/lint.sh

# On main itself everything is merged already: then what the last commit changed.
default_base() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main)
  if [[ $base == "$(git rev-parse HEAD)" ]]; then git rev-parse HEAD~1; else echo "$base"; fi
}

# The sources to look at: changed ones, and for a changed header the source of its name or else one that includes it.
changed_sources() {
  local file
  { git diff --name-only --diff-filter=d "$1" && git ls-files --others --exclude-standard; } |
    grep -E '^(src|tests|fuzz|bench)/.*\.(h|cpp)$' | while read -r file; do
    if [[ $file == *.cpp ]]; then
      echo "$file"
    elif [[ -f ${file%.h}.cpp ]]; then
      echo "${file%.h}.cpp"
    else
      grep -rlF --include='*.cpp' "#include \"${file#src/}\"" src tests | head -n 1
    fi
  done | sort -u
}

install_packages run test lint
base=${1:-$(default_base)}
mapfile -t sources < <(changed_sources "$base")
check_conventions
check_scripts
check_unit

say "${#sources[@]} sources changed since $(git rev-parse --short "$base"), each compiled alone"
configure_preset editor
if [[ ${#sources[@]} -gt 0 ]]; then
  /usr/bin/python3 -B tools/dev/lib/alone.py build/editor "$(jobs_count)" "${sources[@]}"
  tidy "${sources[@]}"
fi
