#: drill                  restart two nodes behind nginx and Caddy one after the other, under load, and count what was lost
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run drill
install_npm tools/npm
build_preset debug countersign
export CS_SERVER=${CS_SERVER:-$PWD/build/debug/countersign}
for proxy in nginx caddy; do
  say "rolling restart behind $proxy"
  PROXY=$proxy node tests/drill/rolling.mjs
done
