#pragma once

namespace countersign::app {

/// From here on what OpenSSL and libcurl give back is overwritten, as all C++ memory of this program is (see
/// wipe_freed.cpp). To be called first of all in main(), before either library is used. [CRY-6]
void wipe_freed_memory();

}  // namespace countersign::app
