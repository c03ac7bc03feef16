#include "delivery/signals/client_token.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/json.h"

namespace countersign::delivery {

namespace {

constexpr std::size_t kTokenMax = 8192;
constexpr Duration kLifeMax = std::chrono::hours(1);
constexpr Duration kEndsEarly = std::chrono::seconds(30);

/// b64token of RFC 6750, 2.1: nothing else may go into a header.
bool is_bearer_token(std::string_view text) {
  return !text.empty() && text.size() <= kTokenMax && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || std::string_view("-._~+/=").contains(c);
  });
}

}  // namespace

struct ClientToken::State {
  std::mutex mutex;
  std::optional<SecretString> token;
  MonotonicTime until{};
  bool asking = false;
  std::vector<TokenDone> waiting;
};

ClientToken::ClientToken(HttpClient& http, const Clock& clock, ClientTokenOptions options)
    : http_(http), clock_(clock), options_(std::move(options)), state_(std::make_shared<State>()) {}

Result<GrantedToken, SignalFault> read_token_answer(const HttpResult& result) {
  if (!result || result->status != 200) {
    const SignalFault fault = fault_of(result);
    // There is no line here that could be unknown.
    return fail(fault == SignalFault::kNotServed ? SignalFault::kMisconfigured : fault);
  }
  const auto parsed = parse_json(result->body, {.depth = 4});
  if (!parsed || !parsed->is_object()) return fail(SignalFault::kUnreadable);
  const json::object& body = parsed->get_object();
  const auto token = json_text(body, "access_token");
  if (!token || !is_bearer_token(*token) || lower_case(json_text_or_empty(body, "token_type")) != "bearer")
    return fail(SignalFault::kUnreadable);
  const auto seconds = std::clamp<std::int64_t>(json_integer(body, "expires_in").value_or(0), 0, 3600);
  return GrantedToken{SecretString(std::string(*token)), std::chrono::seconds(seconds)};
}

void ClientToken::get(std::chrono::milliseconds within, TokenDone done) {
  std::optional<SecretString> kept;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->token && clock_.monotonic() < state_->until) {
      kept = state_->token;
    } else {
      state_->waiting.push_back(std::move(done));
      if (std::exchange(state_->asking, true)) return;
    }
  }
  if (kept) return done(*std::move(kept));
  HttpCall call;
  call.method = "POST";
  call.url = options_.url;
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  std::vector<std::pair<std::string, std::string>> form = {{"grant_type", "client_credentials"}};
  if (!options_.scope.empty()) form.emplace_back("scope", options_.scope);
  call.body = form_encode(form);
  call.auth =
      BasicAuth{percent_encode(options_.client_id), SecretString(percent_encode(options_.client_secret.expose()))};
  limit(call, within);
  call.addresses = AddressPolicy::kAny;  // From the operator's own configuration.
  call.plain_http = options_.plain_http;
  http_.send(std::move(call), [&clock = clock_, state = state_](const HttpResult& result) {
    const auto granted = read_token_answer(result);
    std::vector<TokenDone> waiting;
    {
      const std::lock_guard lock(state->mutex);
      state->asking = false;
      state->token.reset();
      if (granted) {
        state->token = granted->token;
        state->until = clock.monotonic() + std::min(granted->lives, kLifeMax) - kEndsEarly;
      }
      waiting.swap(state->waiting);
    }
    for (auto& each : waiting) {
      if (granted)
        each(granted->token);
      else
        each(fail(granted.error()));
    }
  });
}

void ClientToken::forget(const SecretString& token) {
  const std::lock_guard lock(state_->mutex);
  if (state_->token && equal_constant_time(state_->token->expose(), token.expose())) state_->token.reset();
}

}  // namespace countersign::delivery
