#: setup                install everything that any verb needs (Debian packages, npm test tools)
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test lint bench
install_npm tools/npm
install_npm web
say "ready"
