#pragma once

#include <pthread.h>

namespace countersign {

/// Names the calling thread for `top -H`, debuggers and profilers. At most 15 characters.
inline void name_this_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace countersign
