#pragma once

namespace countersign::main {

/// From here on, memory freed by OpenSSL and libcurl is overwritten, like all C++ memory of this program (see
/// wipe_freed.cpp). Call first in main(), before either library is used. [CRY-6]
void wipe_freed_memory();

}  // namespace countersign::main
