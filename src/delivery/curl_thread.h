#pragma once

#include <curl/curl.h>

#include <string>

namespace countersign::delivery {

/// Initialises libcurl, once for the process. Before its first use.
void initialise_curl();

/// Has TLS 1.2 at least, and the server's certificate verified for its name: by the authorities in the PEM file
/// `ca_bundle`, or the system's if it is empty.
void require_verified_tls(CURL* easy, const std::string& ca_bundle);

/// For threads that run libcurl: names them and blocks all signals, above all SIGPIPE, which OpenSSL raises when it
/// writes to a closed connection, and which libcurl does not block because of CURLOPT_NOSIGNAL.
void begin_curl_thread(const char* name);

}  // namespace countersign::delivery
