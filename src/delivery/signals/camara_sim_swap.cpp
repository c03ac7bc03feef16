#include "delivery/signals/camara_sim_swap.h"

#include "base/json.h"

namespace countersign::delivery {

namespace {

SignalFault fault_of_answer(const HttpResult& result) {
  const SignalFault fault = fault_of(result);
  if (fault != SignalFault::kNotServed) return fault;
  const auto parsed = parse_json(result->body, {.depth = 4});
  if (!parsed || !parsed->is_object()) return SignalFault::kMisconfigured;  // A wrong path: nothing of CAMARA's.
  const auto code = json_text(parsed->get_object(), "code");
  if (code == "IDENTIFIER_NOT_FOUND" || code == "SERVICE_NOT_APPLICABLE") return SignalFault::kNotServed;
  return SignalFault::kMisconfigured;
}

}  // namespace

SignalResult read_sim_swap_answer(const HttpResult& result, const CamaraSimSwapOptions& options, WallTime now) {
  if (!result || result->status != 200) return fail(fault_of_answer(result));
  const auto parsed = parse_json(result->body, {.depth = 4});
  if (!parsed || !parsed->is_object()) return fail(SignalFault::kUnreadable);
  const json::object& body = parsed->get_object();
  Findings findings;
  if (options.operation == SimSwapOperation::kCheck) {
    const json::value* swapped = body.if_contains("swapped");
    if (swapped == nullptr || !swapped->is_bool()) return fail(SignalFault::kUnreadable);
    if (swapped->get_bool()) findings.sim_change = SimChange{now - options.max_age, now};
    return findings;
  }
  const json::value* latest = body.if_contains("latestSimChange");
  if (latest == nullptr || !(latest->is_null() || latest->is_string())) return fail(SignalFault::kUnreadable);
  if (latest->is_null()) return findings;
  const auto at = from_rfc3339(latest->get_string());
  if (!at) return fail(SignalFault::kUnreadable);
  findings.sim_change = changed_at(*at, now);
  if (!findings.sim_change) return fail(SignalFault::kImplausible);
  return findings;
}

CamaraSimSwap::CamaraSimSwap(HttpClient& http, const Clock& clock, ClientTokenOptions token,
                             CamaraSimSwapOptions options)
    : http_(http),
      clock_(clock),
      token_(std::make_shared<ClientToken>(http, clock, std::move(token))),
      options_(std::move(options)) {}

void CamaraSimSwap::ask(const SignalQuestion& question, std::chrono::milliseconds within, SignalDone done) {
  const MonotonicTime deadline = clock_.monotonic() + within;
  const bool check = options_.operation == SimSwapOperation::kCheck;
  json::object body = {{"phoneNumber", question.phone}};
  if (check) body["maxAge"] = options_.max_age.count();
  HttpCall call;
  call.method = "POST";
  call.url = options_.base_url + (check ? "/check" : "/retrieve-date");
  call.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}, {"x-correlator", question.id}};
  call.body = canonical_json(body);
  call.addresses = AddressPolicy::kAny;  // From the operator's own configuration.
  call.plain_http = options_.plain_http;
  token_->get(within, [&http = http_, &clock = clock_, tokens = token_, options = options_, deadline,
                       call = std::move(call), done = std::move(done)](auto token) mutable {
    if (!token) return done(fail(token.error()));
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock.monotonic());
    if (left <= std::chrono::milliseconds(0)) return done(fail(SignalFault::kTimeout));
    limit(call, left);
    call.headers.emplace_back("Authorization", "Bearer " + token->expose());
    http.send(std::move(call),
              [&clock, tokens = std::move(tokens), token = *std::move(token), options = std::move(options),
               done = std::move(done)](const HttpResult& result) mutable {
                if (result && result->status == 401) tokens->forget(token);
                done(read_sim_swap_answer(result, options, clock.now()));
              });
  });
}

}  // namespace countersign::delivery
