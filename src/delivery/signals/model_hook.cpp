#include "delivery/signals/model_hook.h"

#include "base/check.h"
#include "base/json.h"
#include "delivery/signed_post.h"

namespace countersign::delivery {

namespace {

constexpr std::size_t kAnswerMax = 4096;

}  // namespace

std::string model_body(const SignalQuestion& question) {
  json::object features;
  for (const auto& [name, value] : question.numbers) features[name] = value;
  json::object words;
  for (const auto& [name, value] : question.words) words[name] = value;
  return canonical_json(
      json::object{{"id", question.id}, {"features", std::move(features)}, {"words", std::move(words)}});
}

SignalResult read_model_answer(const HttpResult& result) {
  if (!result || result->status < 200 || result->status > 299) return fail(fault_of(result));
  const auto body = parse_json(result->body, {.depth = 1});
  if (!body || !body->is_object() || body->get_object().size() != 1) return fail(SignalFault::kUnreadable);
  const json::value* score = body->get_object().if_contains("score");
  if (score == nullptr || !score->is_number()) return fail(SignalFault::kUnreadable);
  const double value = score->to_number<double>();
  if (!(value >= 0 && value <= 1)) return fail(SignalFault::kImplausible);
  Findings findings;
  findings.score = value;
  return findings;
}

ModelHook::ModelHook(HttpClient& http, const Clock& clock, ModelHookOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {
  CS_CHECK(!options_.secrets.empty());
}

void ModelHook::ask(const SignalQuestion& question, std::chrono::milliseconds within, SignalDone done) {
  HttpCall call = signed_post(options_.url, question.id, model_body(question), options_.secrets, clock_.now());
  limit(call, within);
  call.response_max = kAnswerMax;
  call.addresses = options_.addresses;
  call.plain_http = options_.plain_http;
  http_.send(std::move(call),
             [done = std::move(done)](const HttpResult& result) mutable { done(read_model_answer(result)); });
}

}  // namespace countersign::delivery
