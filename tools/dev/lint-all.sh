#: lint-all             the same over everything: half an hour on two cores
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh
source tools/dev/lib/lint.sh

install_packages run test lint
check_conventions
check_scripts
check_unit
say "each source compiled alone"
configure_preset editor
ninja -C build/editor -j "$(jobs_count)" -k 0
tidy "$@"
