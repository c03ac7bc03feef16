#: screens [--readme]    pictures of every page and state into build/screens; --readme: two of them into docs/images
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

case "${1:-}" in
  "" | --readme) ;;
  *) die "screens takes --readme or nothing" ;;
esac
install_packages run test
install_npm tools/npm
build_preset debug countersign
exec node tests/e2e/screens.mjs "$@"
