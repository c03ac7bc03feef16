#include "delivery/curl_thread.h"

#include <curl/curl.h>

#include <csignal>

#include "base/check.h"
#include "base/thread_name.h"

namespace countersign::delivery {

void initialise_curl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CS_CHECK(initialised == CURLE_OK);
}

void begin_curl_thread(const char* name) {
  name_this_thread(name);
  sigset_t all;
  sigfillset(&all);
  CS_CHECK(pthread_sigmask(SIG_BLOCK, &all, nullptr) == 0);
}

}  // namespace countersign::delivery
