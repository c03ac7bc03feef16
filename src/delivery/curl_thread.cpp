#include "delivery/curl_thread.h"

#include <csignal>

#include "base/check.h"
#include "base/thread_name.h"

namespace countersign::delivery {

void initialise_curl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CS_CHECK(initialised == CURLE_OK);
}

void require_verified_tls(CURL* easy, const std::string& ca_bundle) {
  const auto set = [easy](CURLoption option, auto value) {
    CS_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
  };
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (ca_bundle.empty()) return;
  set(CURLOPT_CAINFO, ca_bundle.c_str());
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void begin_curl_thread(const char* name) {
  name_this_thread(name);
  sigset_t all;
  sigfillset(&all);
  CS_CHECK(pthread_sigmask(SIG_BLOCK, &all, nullptr) == 0);
}

}  // namespace countersign::delivery
