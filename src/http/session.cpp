#include "http/session.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "base/encoding.h"
#include "base/id.h"
#include "base/secret.h"
#include "http/characters.h"
#include "http/response_writer.h"

namespace countersign::http {
namespace {

constexpr MonotonicTime kNever = MonotonicTime::max();

/// Responses to pipelined requests are collected up to this size before they are sent.
constexpr std::size_t kGatherBytes = 64 * 1024;

constexpr std::size_t kRequestIdBytesMax = 64;
constexpr CharacterSet kRequestIdChars{
    [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; }};

/// Removes the front, and wipes what remains beyond the new end.
void take_from(std::string& text, std::size_t count) {
  const std::size_t before = text.size();
  text.erase(0, count);
  text.resize(before);
  wipe(text.data() + (before - count), count);
  text.resize(before - count);
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax && kRequestIdChars.has_all(text);
}

}  // namespace

Session::Session(std::shared_ptr<Worker> worker, Socket socket, Peer peer, std::unique_ptr<TlsStream> tls)
    : worker_(std::move(worker)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      tls_(std::move(tls)),
      parser_(worker_->core().options.limits) {}

void Session::start() {
  deadline_ = worker_->core().clock.monotonic() + timeout_of(Phase::kHead);
  read();
}

void Session::on_bytes(std::string_view bytes) {
  if (backlog_.empty()) {
    const auto used = consume(bytes);
    if (used < bytes.size()) backlog_ = bytes.substr(used);
    proceed();
  } else {
    backlog_ += bytes;
    resume();
  }
}

void Session::resume() {
  if (busy_) enter(Phase::kHandler);
  take_from(backlog_, consume(backlog_));
  proceed();
}

/// Parses and handles requests until one is not answered at once, or there are no more bytes.
std::size_t Session::consume(std::string_view bytes) {
  consuming_ = true;
  std::size_t used = 0;
  while (!busy_ && !ending_ && !writing_ && !closed_) {
    used += parser_.feed(bytes.substr(used));
    after_feed();
    if (parser_.state() == RequestParser::State::kFailed) {
      refuse(parser_.error().status, parser_.error().code);
    } else if (parser_.state() == RequestParser::State::kComplete) {
      dispatch();
      if (out_.size() >= kGatherBytes) flush();
    } else {
      break;
    }
  }
  consuming_ = false;
  return used;
}

void Session::after_feed() {
  if (!parser_.started()) {
    // A new connection keeps its first deadline: its client must send a request.
    if (ticket_ != 0) enter(Phase::kIdle);
    return;
  }
  if (received_at_ == WallTime{}) received_at_ = worker_->core().clock.now();
  if (parser_.state() == RequestParser::State::kHead) {
    enter(Phase::kHead);
  } else if (parser_.state() == RequestParser::State::kBody) {
    enter(Phase::kBody);
    if (parser_.expects_continue() && !std::exchange(continued_, true)) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
}

void Session::Current::begin(MonotonicTime now, const RequestParser& parser) {
  method = Method::kOther;
  route = "(none)";
  pattern = {};
  for (auto* text : {&id, &object, &account}) text->clear();
  client = {};
  complete_at = now;
  bytes_in = parser.bytes_read();
  close = !parser.keep_alive();
  span = {};
}

void Session::dispatch() {
  current_.begin(worker_->core().clock.monotonic(), parser_);
  Request request = parser_.take();
  current_.method = request.method;
  const auto offered_id = request.header("x-request-id");
  if (offered_id && is_request_id(*offered_id))
    current_.id = *offered_id;
  else
    make_request_id();
  request.id = current_.id;
  request.peer = peer_.address;
  request.tls = tls_ != nullptr;
  request.received_at = std::exchange(received_at_, WallTime{});
  continued_ = false;
  asker_.path = request.path;
  asker_.accept = request.header("accept").value_or("");
  asker_.accept_language = request.header("accept-language").value_or("");
  const auto& client = worker_->core().hooks.client;
  current_.client = client ? client(request) : peer_.address;
  busy_ = true;
  ++ticket_;
  enter(Phase::kHandler);
  call_handler(std::move(request));
}

void Session::call_handler(Request request) {
  const Router& router = worker_->core().router;
  auto match = router.match(request);
  current_.route = request.route;
  current_.pattern = request.pattern;
  current_.object = request.object();
  if (worker_->core().hooks.begin_span) begin_span(request);
  const trace::Scope scope(current_.span.context());
  // An exception destroys the Reply, which answers 500 (see abandon).
  try {
    router.call(std::move(match), std::move(request), Reply(shared_from_this(), ticket_));
  } catch (const std::exception& error) {
    worker_->core().problem(fmt::format("handler of {} threw: {}", current_.route, error.what()));
  } catch (...) {
    worker_->core().problem(fmt::format("handler of {} threw", current_.route));
  }
}

/// [OpenTelemetry, HTTP spans] The pattern of the route, never the path, which may contain secrets.
void Session::begin_span(const Request& request) {
  current_.span = worker_->core().hooks.begin_span(request);
  if (!current_.span.is_recorded()) return;
  const auto method = method_name(request.method);
  current_.span.name(request.pattern.empty() ? std::string(method) : fmt::format("{} {}", method, request.pattern));
  current_.span.set("http.request.method", method);
  if (!request.pattern.empty()) current_.span.set("http.route", request.pattern);
}

void Session::end_span(int status) {
  current_.span.set("http.response.status_code", status);
  if (status >= 500) current_.span.fail(std::to_string(status));
  current_.span.end();
}

void Session::answer(std::uint64_t ticket, Response response) {
  if (worker_->loop().is_this_thread()) return on_answer(ticket, std::move(response));
  worker_->loop().post([self = shared_from_this(), ticket, response = std::move(response)]() mutable {
    self->on_answer(ticket, std::move(response));
  });
}

void Session::abandon(std::uint64_t ticket) {
  if (worker_->loop().is_this_thread()) return on_abandoned(ticket);
  worker_->loop().post([self = shared_from_this(), ticket] { self->on_abandoned(ticket); });
}

void Session::on_abandoned(std::uint64_t ticket) {
  if (closed_ || !busy_ || ticket != ticket_) return;
  on_answer(ticket, worker_->core().error({.status = 500,
                                           .code = "internal_error",
                                           .path = asker_.path,
                                           .request_id = current_.id,
                                           .accept = asker_.accept,
                                           .accept_language = asker_.accept_language}));
}

void Session::on_answer(std::uint64_t ticket, Response response) {
  if (closed_ || !busy_ || ticket != ticket_) return;
  write_response(std::move(response));
  busy_ = false;
  if (!consuming_) resume();
}

void Session::say_object(std::uint64_t ticket, std::string id) {
  if (busy_ && ticket == ticket_) current_.object = std::move(id);
}

void Session::say_account(std::uint64_t ticket, std::string id) {
  if (busy_ && ticket == ticket_) current_.account = std::move(id);
}

void Session::refuse(int status, std::string_view code) {
  current_.begin(worker_->core().clock.monotonic(), parser_);
  current_.client = peer_.address;
  current_.close = true;
  make_request_id();
  write_response(worker_->core().error({.status = status,
                                        .code = code,
                                        .path = parser_.path(),
                                        .request_id = current_.id,
                                        .accept = parser_.header("accept"),
                                        .accept_language = parser_.header("accept-language")}));
}

void Session::write_response(Response response) {
  auto& core = worker_->core();
  if (!is_writable(response)) {
    core.problem(fmt::format("response of {} has a header that cannot be sent", current_.route));
    response = plain_problem(500, "internal_error");
  }
  ending_ = current_.close || core.ending;
  const auto before = out_.size();
  append_response(out_, response,
                  {.date = worker_->loop().dates().at(core.clock.now()),
                   .request_id = current_.id,
                   .head_only = current_.method == Method::kHead,
                   .close = ending_});
  if (current_.span.is_recorded()) end_span(response.status);
  if (!core.hooks.on_finished) return;
  core.hooks.on_finished({.method = current_.method,
                          .route = current_.route,
                          .pattern = current_.pattern,
                          .status = response.status,
                          .duration = core.clock.monotonic() - current_.complete_at,
                          .bytes_in = current_.bytes_in,
                          .bytes_out = out_.size() - before,
                          .request_id = current_.id,
                          .peer = peer_.text,
                          .tls = tls_ != nullptr,
                          .object = current_.object,
                          .account = current_.account,
                          .code = response.code,
                          .client = current_.client});
}

void Session::enter(Phase phase) {
  if (phase == phase_) return;
  phase_ = phase;
  deadline_ = phase == Phase::kHandler ? kNever : worker_->core().clock.monotonic() + timeout_of(phase);
}

Duration Session::timeout_of(Phase phase) const {
  const auto& timeouts = worker_->core().options.timeouts;
  switch (phase) {
    case Phase::kIdle:
      return timeouts.idle;
    case Phase::kHead:
      return timeouts.header;
    case Phase::kBody:
      return timeouts.body;
    case Phase::kWrite:
      return timeouts.write;
    case Phase::kLinger:
      return timeouts.linger;
    case Phase::kHandler:
      break;
  }
  return Duration::max();
}

void Session::on_tick(MonotonicTime now) {
  if (now < deadline_) return;
  const bool has_part_of_a_request = (phase_ == Phase::kHead || phase_ == Phase::kBody) && parser_.started();
  if (!has_part_of_a_request) return close();
  refuse(408, "request_timeout");
  proceed();
}

void Session::start_draining() {
  if (busy_ || writing_ || ending_ || parser_.started()) return;
  const auto& core = worker_->core();
  if (core.options.timeouts.parting == Duration::zero()) return close();
  deadline_ = std::min(deadline_, core.clock.monotonic() + core.options.timeouts.parting);
}

void Session::make_request_id() {
  auto& core = worker_->core();
  Moment moment{core.clock.now(), core.random};
  current_.id.clear();
  append_hex(current_.id, Id::make(moment).bytes());
}

}  // namespace countersign::http
