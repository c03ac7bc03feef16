#include "main/build_info.h"

namespace countersign::app {

const BuildInfo kBuild{CS_VERSION, CS_COMMIT};

}  // namespace countersign::app
