#: fmt [--check]        format the C++ sources; --check only says which would change
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

command -v clang-format-19 >/dev/null || install_packages test
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp')
case "${1:-}" in
  --check) printf '%s\0' "${files[@]}" | xargs -0 clang-format-19 --dry-run --Werror ;;
  "") printf '%s\0' "${files[@]}" | xargs -0 clang-format-19 -i ;;
  *) die "fmt takes --check or nothing" ;;
esac
