#pragma once

#include <functional>
#include <memory>
#include <string>

#include "delivery/signals/signal.h"

namespace countersign::delivery {

struct ClientTokenOptions {
  std::string url;  ///< The token endpoint.
  std::string client_id;
  SecretString client_secret;
  std::string scope;  ///< As the operator's platform names it; empty: none is sent.
  PlainHttp plain_http = PlainHttp::kRefused;
};

/// An access token by OAuth 2.0 client credentials (RFC 6749, 4.4), with the client's id and secret in Basic
/// authentication (2.3.1). Kept until half a minute before it expires, an hour at most; asked for by one request at a
/// time, whose result all get that wait. Thread-safe.
class ClientToken {
 public:
  using TokenDone = std::move_only_function<void(Result<SecretString, SignalFault>)>;

  /// Client and clock outlive it. Requests in progress may outlive it.
  ClientToken(HttpClient& http, const Clock& clock, ClientTokenOptions options);

  /// `done` runs once, within that time as SignalSource::ask() says.
  void get(std::chrono::milliseconds within, TokenDone done);
  /// That token was refused: the next get() asks for another.
  void forget(const SecretString& token);

 private:
  struct State;
  HttpClient& http_;
  const Clock& clock_;
  ClientTokenOptions options_;
  std::shared_ptr<State> state_;
};

struct GrantedToken {
  SecretString token;
  Duration lives{};  ///< By `expires_in`; zero if there is none: then it is used once.
};
/// Pure. A bearer token of at most 8 KiB, in the characters of RFC 6750.
[[nodiscard]] Result<GrantedToken, SignalFault> read_token_answer(const HttpResult& result);

}  // namespace countersign::delivery
