#include "main/build_info.h"

namespace countersign::main {

const BuildInfo kBuild{CS_VERSION, CS_COMMIT};

}  // namespace countersign::main
