#: screens [NAME...]     pictures of every page and state, or of those named, into build/screens
#: screens --readme      two of them into docs/images
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

for name in "$@"; do
  [[ "$name" == --readme || "$name" =~ ^[a-z][a-z-]*$ ]] || die "screens takes --readme, or names of pages such as office-home"
done
install_packages run test
install_npm tools/npm
build_preset debug countersign
exec node tests/e2e/screens.mjs "$@"
