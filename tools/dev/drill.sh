#: drill                  restart two nodes behind nginx one after the other, under load, and count what was lost
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run drill
build_preset debug countersign
export CS_SERVER=${CS_SERVER:-$PWD/build/debug/countersign}
node tests/drill/rolling.mjs
say "not tried: deploy/Caddyfile, because Caddy is not in Debian 12"
