#include "delivery/traced.h"

namespace countersign::delivery {

namespace {

/// A message's own id decides: the sending thread may be working on another request.
std::optional<trace::SpanContext> parent_of(trace::Recorder& recorder, const std::string& id) {
  if (!id.empty()) return recorder.recall(id);
  return trace::current().is_traced() ? std::optional(trace::current()) : std::nullopt;
}

trace::Span span_of(trace::Recorder& recorder, const std::string& id, std::string_view what,
                    std::string_view provider) {
  trace::Span span(recorder, parent_of(recorder, id), trace::Kind::kClient);
  span.name(std::string("provider ").append(what));
  span.set("countersign.provider", provider);
  if (!id.empty()) span.set("countersign.message", id);
  return span;
}

/// Wraps `done`: it runs after the end of the span, in the context of `asked`.
template <class T>
ProviderDone<T> ending(trace::Span span, const trace::SpanContext& asked, ProviderDone<T> done) {
  return [span = std::move(span), asked, done = std::move(done)](Result<T, ProviderError> outcome) mutable {
    if (!outcome) span.fail(name_of(outcome.error().fault));
    span.end();
    const trace::Scope scope(asked);
    done(std::move(outcome));
  };
}

/// Runs `call` inside the span, and passes the callback that ends it.
template <class T, class Call>
void within(trace::Span span, const trace::SpanContext& asked, ProviderDone<T> done, Call call) {
  const auto context = span.context();
  auto ends = ending(std::move(span), asked, std::move(done));
  const trace::Scope scope(context);
  call(std::move(ends));
}

}  // namespace

void TracedSender::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  auto span = span_of(recorder_, message.id.text(), "send", name_);
  span.set("countersign.channel", contact::to_text(message.channel));
  within(std::move(span), {}, std::move(done), [&](auto ends) { inner_.send(std::move(message), std::move(ends)); });
}

void TracedVerifier::start(VerificationStart start, ProviderDone<Accepted> done) {
  auto span = span_of(recorder_, start.id.text(), "start", name_);
  span.set("countersign.channel", contact::to_text(start.channel));
  within(std::move(span), {}, std::move(done), [&](auto ends) { inner_.start(std::move(start), std::move(ends)); });
}

void TracedVerifier::check(VerificationCheck check, ProviderDone<VerifierVerdict> done) {
  within(span_of(recorder_, "", "check", name_), trace::current(), std::move(done),
         [&](auto ends) { inner_.check(std::move(check), std::move(ends)); });
}

void TracedVerifier::cancel(std::string provider_ref, ProviderDone<Done> done) {
  within(span_of(recorder_, "", "cancel", name_), trace::current(), std::move(done),
         [&](auto ends) { inner_.cancel(std::move(provider_ref), std::move(ends)); });
}

}  // namespace countersign::delivery
