#include "usecase/outbox/courier/post_office.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/json.h"
#include "store/repository/accounts.h"
#include "store/repository/notices.h"
#include "store/repository/upstream_ends.h"
#include "store/repository/webhooks.h"
#include "store/sqlite/sqlite_store.h"
#include "usecase/queued_message.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::testing {

namespace {

delivery::WebhookSenderOptions anywhere() {
  return {.addresses = delivery::AddressPolicy::kAny, .plain_http = delivery::PlainHttp::kAllowed};
}

}  // namespace

void HookDouble::answer_with(HttpServer::Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

HookDouble::HookDouble(const Clock& clock)
    : clock_(clock),
      server_(std::make_unique<HttpServer>([this](const ServerRequest& request) { return take(request); })) {}

ServerReply HookDouble::take(const ServerRequest& request) {
  const auto body = parse_json(request.body);
  const auto& fields = body->get_object();
  const std::string id(*json_text(fields, "id"));
  const Arrival arrival{clock_.now(), *from_rfc3339(*json_text(fields, "expires_at")),
                        json_text_or_empty(fields, "code")};
  HttpServer::Handler handler;
  {
    const std::lock_guard lock(mutex_);
    ++requests_[id];
    handler = handler_;
  }
  auto reply = handler(request);
  const std::lock_guard lock(mutex_);
  if (reply.how == ServerReply::How::kAnswer && reply.status < 300) accepted_[id].push_back(arrival);
  return reply;
}

std::map<std::string, std::vector<HookDouble::Arrival>> HookDouble::accepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

std::map<std::string, int> HookDouble::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

VerifierDouble::~VerifierDouble() {
  for (auto& ending : endings_) ending.join();
}

void VerifierDouble::cancel(std::string provider_ref, delivery::ProviderDone<Done> done) {
  const std::lock_guard lock(mutex_);
  ended_.push_back(std::move(provider_ref));
  most_ = std::max(most_.load(), ++under_way_);
  endings_.emplace_back([this, done = std::move(done)]() mutable {
    std::this_thread::sleep_for(latency.load());
    --under_way_;
    done(Done{});
  });
}

std::vector<std::string> VerifierDouble::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void SenderDouble::send(delivery::OutgoingMessage message, delivery::ProviderDone<delivery::Accepted> done) {
  std::function<Answer()> answer;
  {
    const std::lock_guard lock(mutex_);
    given_.push_back(std::move(message));
    answer = answer_;
  }
  done(answer());
}

void SenderDouble::answer_with(std::function<Answer()> answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void SenderDouble::refuse_with(delivery::Fault fault, bool maybe_sent) {
  answer_with([fault, maybe_sent] {
    return Answer(fail(delivery::ProviderError{fault, delivery::PersonNotice::kTryAnotherWay, "1", "refused",
                                               std::nullopt, maybe_sent}));
  });
}

std::vector<delivery::OutgoingMessage> SenderDouble::given() const {
  const std::lock_guard lock(mutex_);
  return given_;
}

PostOffice::PostOffice(Options options)
    : fixture(options.database.empty() ? Fixture() : Fixture(*store::open_sqlite({.file = options.database}))),
      hook(fixture.clock()),
      second(fixture.clock()),
      options_(options),
      code_http_({.concurrent_max = 256, .concurrent_per_host_max = 128}, system_clock()),
      other_http_({.concurrent_max = 136, .concurrent_per_host_max = 136}, system_clock()),
      webhooks_(other_http_, fixture.clock(), anywhere()) {
  provider_ = hook_sender(hook);
  second_provider_ = hook_sender(second);
  providers_.senders["double"] = provider_.get();
  providers_.senders["second"] = second_provider_.get();
  providers_.senders["other"] = &other;
  providers_.notice_senders["other"] = &other;
  providers_.notice_senders["double"] = provider_.get();
  providers_.verifiers["verifier"] = &verifier;
  fixture.settings().private_webhooks = true;
  fixture.limits().sends_per_country = {};
  fixture.limits().sends_per_account = {};
  start_courier();
}

std::unique_ptr<delivery::HttpHook> PostOffice::hook_sender(const HookDouble& to) {
  delivery::HttpHookOptions hook_options{.url = to.url(),
                                         .secrets = {crypto::WebhookSecret::make(fixture.random())},
                                         .channels = {Channel::kSms, Channel::kEmail}};
  hook_options.addresses = delivery::AddressPolicy::kAny;
  hook_options.plain_http = delivery::PlainHttp::kAllowed;
  hook_options.timeout = options_.provider_timeout;
  return std::make_unique<delivery::HttpHook>(code_http_, fixture.clock(), std::move(hook_options));
}

PostOffice::~PostOffice() {
  code_http_.stop(milliseconds(0));
  other_http_.stop(milliseconds(0));
  courier_->drain(MonotonicTime::max());
  courier_->stop();
  fixture.store().stop();  // It may have units of the couriers yet.
}

void PostOffice::start_courier() {
  usecase::CourierHooks hooks;
  hooks.on_set_aside = [this](const store::SetAsideRow& row) {
    const std::lock_guard lock(mutex_);
    set_aside_.push_back(row.table);
  };
  courier_ = std::make_unique<usecase::Courier>(
      usecase::Background{fixture.store(), fixture.context(), fixture.clock(), fixture.random()}, providers_, webhooks_,
      usecase::verify_api::hook_attempt, std::move(hooks), options_.codes, options_.period);
}

void PostOffice::restart(Duration drain) {
  courier_->drain(fixture.clock().monotonic() + drain);
  courier_->stop();
  ended_.push_back(std::move(courier_));
  start_courier();
}

void PostOffice::run(Duration how_long, int faster, const std::function<void(Duration gone)>& step) {
  // Where the machine stands still, so does the fixture's time: whatever others have to do meanwhile stands still, too.
  constexpr Duration kStepMax = milliseconds(5);
  MonotonicTime last = system_clock().monotonic();
  Duration gone{};
  while (gone < how_long) {
    const MonotonicTime now = system_clock().monotonic();
    const Duration step_long = std::min<Duration>(std::min<Duration>(now - last, kStepMax) * faster, how_long - gone);
    last = now;
    fixture.wait(step_long);
    gone += step_long;
    courier_->look();
    step(gone);
    std::this_thread::sleep_for(milliseconds(1));
  }
}

void PostOffice::run_until(const std::function<bool()>& done, Duration how_long, int faster) {
  for (Duration gone{}; gone < how_long && !done(); gone += milliseconds(20)) run(milliseconds(20), faster);
  EXPECT_TRUE(done());
}

usecase::QueuedMessage PostOffice::make_code() {
  ++person_;
  fixture.request().identity = fmt::format("person-{}", person_);
  fixture.request().contacts = {{Channel::kSms, fmt::format("+55119{:08}", 80'000'000 + person_)}};
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), kYes);
  return fixture.sent().back();
}

MessageId PostOffice::send_code() {
  const auto message = make_code();
  courier_->deliver(message);
  return message.id;
}

AccountId PostOffice::second_account() {
  const auto [account, service] = fixture.in([](store::Tx& tx, Moment& moment) {
    const AccountId id = store::ensure_account(tx, "second", moment);
    return std::pair(id, store::ensure_service(tx, id, "default", moment));
  });
  auto settings = fixture.settings().accounts.at(fixture.account());
  settings.id = account;
  settings.services.resize(1);
  settings.services[0].id = service;
  fixture.settings().accounts.emplace(account, std::move(settings));
  return account;
}

void PostOffice::queue_webhooks(const std::string& url, int count) {
  const auto made = fixture.add_endpoint(url);
  ASSERT_EQ(why(made), kYes);
  queue_webhooks(made->endpoint.id, count);
}

void PostOffice::queue_webhooks(const WebhookEndpointId& endpoint, int count) {
  fixture.in([&](store::Tx& tx, Moment& moment) {
    for (int i = 0; i < count; ++i) {
      store::DeliveryRow row;
      row.account = fixture.account();
      row.id = DeliveryId::make(moment);
      row.endpoint = endpoint;
      row.event_type = "transaction.verified";
      row.body = "{}";
      row.status = store::to_text(store::DeliveryStatus::kPending);
      row.due_at = moment.now;
      row.created_at = moment.now;
      store::insert_delivery(tx, row);
    }
    return Done{};
  });
}

MessageId PostOffice::queue_notice(const SubjectId& subject, std::string_view to) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    delivery::OutgoingMessage message;
    message.id = MessageId::make(moment);
    message.channel = Channel::kSms;
    message.to = to;
    message.body = "A phone was added.";
    message.expires_at = moment.now + hours(24);
    store::NoticeRow row;
    row.account = fixture.account();
    row.id = message.id;
    row.subject = subject;
    row.service = fixture.service();
    row.about = {BindingId::make(moment)};
    row.provider = "double";
    row.content_sealed = usecase::seal_content(fixture.context().vault, row.id, message, fixture.random());
    row.due_at = moment.now + seconds(60);
    row.expires_at = message.expires_at;
    store::insert_notice(tx, row);
    return row.id;
  });
}

void PostOffice::queue_end(const std::string& provider_ref) {
  fixture.in([&](store::Tx& tx, Moment& moment) {
    store::insert_upstream_end(tx, {fixture.account(), VerificationId::make(moment), "verifier", provider_ref, 0,
                                    moment.now + seconds(60), moment.now + minutes(10)});
    return Done{};
  });
}

std::vector<std::string> PostOffice::set_aside() {
  const std::lock_guard lock(mutex_);
  return set_aside_;
}

std::int64_t PostOffice::number(const store::Sql& sql) {
  return fixture.in([&](store::Tx& tx, Moment&) {
    std::int64_t value = -1;
    tx.one(sql, {}, [&](const store::Row& row) { value = row.integer(0); });
    return value;
  });
}

std::map<std::string, int> PostOffice::statuses() {
  static const store::Sql kCount{"SELECT status, count(*) FROM messages GROUP BY status"};
  return fixture.in([](store::Tx& tx, Moment&) {
    std::map<std::string, int> counts;
    tx.all(kCount, {}, [&](const store::Row& row) { counts[row.string(0)] = static_cast<int>(row.integer(1)); });
    return counts;
  });
}

}  // namespace countersign::testing
