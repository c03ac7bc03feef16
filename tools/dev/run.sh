#: run                  build and start the development mode at data/dev; further arguments go to `countersign serve`
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run
say "building (the first time takes a minute or two)"
configure_server # The build of the tests, so that one serves both.
run_ninja debug countersign
exec build/debug/countersign serve --dev --data-dir data/dev "$@"
