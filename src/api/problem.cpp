#include "api/problem.h"

#include <fmt/format.h>

#include <array>

#include "api/json_writer.h"
#include "base/check.h"

namespace countersign::api {

namespace {

using usecase::Code;

struct Entry {
  Code code;
  int status;
  std::string_view text;
  std::string_view title;
};

constexpr std::array kEntries{
    Entry{Code::kInvalidField, 422, "invalid_field", "A field has a value that cannot be accepted"},
    Entry{Code::kUnknownPolicy, 422, "unknown_policy", "The service has no policy of that name"},
    Entry{Code::kShortLineTooLong, 422, "short_line_too_long", "The short line does not fit into a text message"},
    Entry{Code::kNotFound, 404, "not_found", "There is no such thing"},
    Entry{Code::kTransactionNotHeld, 409, "transaction_not_held", "The transaction is no longer held"},
    Entry{Code::kTransactionExpired, 409, "transaction_expired", "The transaction has expired"},
    Entry{Code::kInReview, 409, "in_review", "The transaction is in review"},
    Entry{Code::kNoReview, 409, "no_review", "There is nothing to decide"},
    Entry{Code::kRulesChanged, 409, "rules_changed", "The rules were changed meanwhile"},
    Entry{Code::kSameReviewer, 409, "same_reviewer", "Two persons must allow it"},
    Entry{Code::kNotVerified, 409, "not_verified", "The transaction is not verified"},
    Entry{Code::kAlreadyClaimed, 409, "already_claimed", "Another claimer has the transaction"},
    Entry{Code::kNotClaimed, 409, "not_claimed", "Nobody has claimed the transaction"},
    Entry{Code::kWrongFencingToken, 409, "wrong_fencing_token", "The fencing token is not the winner's"},
    Entry{Code::kMethodNotAllowed, 422, "method_not_in_policy", "The policy does not accept this method"},
    Entry{Code::kChannelUnavailable, 422, "channel_unavailable", "The channel is not configured"},
    Entry{Code::kNoContact, 422, "no_contact", "The subject has no such contact"},
    Entry{Code::kAddressRefused, 422, "address_refused", "The address cannot be used"},
    Entry{Code::kOptedOut, 422, "opted_out", "The holder of the address wants no messages by this channel"},
    Entry{Code::kNoVerification, 409, "no_verification", "No such verification is under way"},
    Entry{Code::kNotSentYet, 409, "not_sent_yet", "The code has not been sent yet"},
    Entry{Code::kWrongCode, 422, "wrong_code", "The code is not correct or has expired"},
    Entry{Code::kWrongResponse, 422, "wrong_response", "The passkey's answer was not accepted"},
    Entry{Code::kAttemptsExhausted, 409, "attempts_exhausted", "No attempt is left"},
    Entry{Code::kLocked, 429, "locked", "Locked after too many failures"},
    Entry{Code::kFactorUnusable, 409, "factor_unusable", "The factor cannot be used"},
    Entry{Code::kTooManyFactors, 409, "too_many_factors", "The subject has too many factors"},
    Entry{Code::kTooManyProofs, 409, "too_many_proofs", "Enough sources of this kind have proved it"},
    Entry{Code::kResendTooSoon, 429, "resend_too_soon", "The code was sent a moment ago"},
    Entry{Code::kSendsExhausted, 429, "sends_exhausted", "The code was sent as often as allowed"},
    Entry{Code::kRateLimited, 429, "rate_limited", "Too many requests"},
    Entry{Code::kBudgetSpent, 429, "budget_spent", "What messages may cost today is spent"},
    Entry{Code::kSpendingStopped, 422, "spending_stopped", "Messages that cost money are stopped"},
    Entry{Code::kIdempotencyMismatch, 422, "idempotency_key_reused", "The Idempotency-Key belongs to another request"},
    Entry{Code::kEndpointLimit, 409, "endpoint_limit", "The account has too many webhook endpoints"},
    Entry{Code::kEndpointExists, 409, "endpoint_exists", "The account has an endpoint with this address"},
    Entry{Code::kEndpointDisabled, 409, "endpoint_disabled", "The webhook endpoint is disabled"},
    Entry{Code::kSourceDoesNotCount, 409, "source_does_not_count", "The source does not count for this transaction"},
    Entry{Code::kProofVoided, 409, "proof_voided", "What was proved was lost before the claim"},
    Entry{Code::kMayNotVouch, 403, "may_not_vouch", "The API key may not vouch"},
    Entry{Code::kMayNotAdminister, 403, "may_not_administer", "The API key may not administer"},
    Entry{Code::kTestKeyRequired, 403, "test_key_required", "This takes a test key"},
    Entry{Code::kNotTold, 409, "not_told", "Only a contact that was told of the change may object"},
    Entry{Code::kObjectedBefore, 409, "objected_before", "The change was objected to before"},
    Entry{Code::kNotStopped, 409, "not_stopped", "There is no objection to decide"},
    Entry{Code::kNotAvailableNow, 403, "not_available_now", "This is not available now"},
    Entry{Code::kHasHistory, 409, "has_history", "The subject is known already"},
    Entry{Code::kUpstreamUnavailable, 503, "provider_unavailable", "The provider did not answer"},
};

const Entry& entry_of(Code code) {
  for (const auto& entry : kEntries) {
    if (entry.code == code) return entry;
  }
  CS_CHECK(false);
}

std::string_view title_of(int status) {
  const auto phrase = http::reason_phrase(status);
  return phrase.empty() ? std::string_view("Error") : phrase;
}

/// Whole seconds, rounded up, so that a client that waits exactly that long is not early.
std::int64_t seconds_to_wait(Duration wait) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
}

http::Response respond(int status, std::string_view code, std::string body) {
  return {status, "application/problem+json", std::move(body), {}, std::string(code)};
}

}  // namespace

std::string_view code_text(Code code) { return entry_of(code).text; }

http::Response problem_response(const usecase::Problem& problem) {
  const Entry& entry = entry_of(problem.code);
  JsonWriter json;
  json.open_object().member("type", "about:blank").member("title", entry.title).member("status", entry.status);
  json.member("code", entry.text);
  if (!problem.detail.empty()) json.member("detail", problem.detail);
  if (!problem.field.empty()) json.member("field", problem.field);
  if (problem.attempts_left) json.member("attempts_left", *problem.attempts_left);
  if (problem.counts_from) json.member("counts_from", *problem.counts_from);
  if (problem.retry_after) json.member("retry_after", seconds_to_wait(*problem.retry_after));
  http::Response response = respond(entry.status, entry.text, json.close_object().take());
  if (problem.retry_after) {
    const std::int64_t seconds = seconds_to_wait(*problem.retry_after);
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
    if (entry.status == 429)
      response.headers.emplace_back("RateLimit", fmt::format("\"{}\";r=0;t={}", entry.text, seconds));  // [API-3]
  }
  return response;
}

http::Response problem_response(int status, std::string_view code, std::string_view detail) {
  JsonWriter json;
  json.open_object().member("type", "about:blank").member("title", title_of(status)).member("status", status);
  json.member("code", code);
  if (!detail.empty()) json.member("detail", detail);
  return respond(status, code, json.close_object().take());
}

http::Response problem_response(const store::StoreError& error) {
  using Code = store::StoreError::Code;
  if (error.code == Code::kFailed || error.code == Code::kCorrupt || error.code == Code::kUnreadable ||
      error.code == Code::kSchema) {
    return problem_response(500, "internal_error", "something broke here; the log knows more");
  }
  constexpr std::string_view kAgain = "nothing was changed; try again";
  constexpr std::string_view kDoubtful =
      "the database vanished while it stored this, so it may have taken place; try again with the same "
      "Idempotency-Key, or look first";
  auto response = error.code == Code::kOverloaded
                      ? problem_response(503, "overloaded", kAgain)
                      : problem_response(503, "store_unavailable", error.code == Code::kUnknown ? kDoubtful : kAgain);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace countersign::api
