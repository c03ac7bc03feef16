#pragma once

namespace countersign::delivery {

/// Initialises libcurl, once for the process. Before its first use.
void initialise_curl();

/// For threads that run libcurl: names them and blocks all signals, above all SIGPIPE, which OpenSSL raises when it
/// writes to a closed connection, and which libcurl does not block because of CURLOPT_NOSIGNAL.
void begin_curl_thread(const char* name);

}  // namespace countersign::delivery
