#: run                  build and start the development mode at data/dev; further arguments go to `countersign serve`
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run
say "building (the first time takes some minutes)"
build_preset release countersign
exec build/release/countersign serve --dev --data-dir data/dev "$@"
