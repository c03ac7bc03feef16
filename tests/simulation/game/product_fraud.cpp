#include "crypto/jws.h"
#include "simulation/game/product_in.h"
#include "store/repository/events.h"
#include "store/repository/provider_marks.h"
#include "store/repository/risk_decisions.h"
#include "usecase/risk/blocks.h"
#include "usecase/risk/review.h"
#include "usecase/risk/rules.h"
#include "usecase/risk/signals.h"
#include "usecase/spending/switch.h"
#include "usecase/verification/page_work.h"
#include "usecase/verify_api/collection.h"

// The fraud engine, as the server, the handlers of the native API and its command call it.
namespace countersign::simulation::game {

namespace {

constexpr std::string_view kIssuer = "https://accounts.example.com/";
constexpr std::string_view kAudience = "https://verify.example.com/v1/shared-signals/idp";

usecase::SignalReceiver receiver_of(const AccountId& account) {
  usecase::SignalReceiver receiver;
  receiver.name = "idp";
  receiver.account = account;
  receiver.issuer = kIssuer;
  receiver.audience = kAudience;
  receiver.subject_issuer = kIssuer;
  return receiver;
}

}  // namespace

void Product::begin_process() {
  auto& process = *processes_.emplace_back(std::make_unique<Process>());
  process.rules = std::make_unique<usecase::RuleBook>(settings_);
  context_.risk = &process.risk;
  context_.decisions = &process.decisions;
  context_.trust = &process.trust;
  context_.rules = process.rules.get();
  context_.board = &process.board;
}

void Product::restart() {
  run_second();
  begin_process();
  look_at_store_ = true;
  run_second();
}

void Product::run_second() {
  auto& process = *processes_.back();
  const auto unwritten = process.risk.take_unwritten();
  const auto learned = process.trust.take();
  static_cast<void>(take_decisions());
  process.risk.prune(now());
  if (unwritten.empty() && learned.empty() && to_write_.empty() && !std::exchange(look_at_store_, false)) return;
  auto [news, drained] = in([&](store::Tx& tx, Moment& moment) {
    auto read = usecase::sync_risk(tx, context_, unwritten, process.risk.seen(), moment);
    if (!learned.empty()) usecase::write_trust(tx, learned, moment.now);
    usecase::write_decisions(tx, to_write_);
    return std::pair(std::move(read), store::drained_providers(tx));
  });
  to_write_.clear();
  process.risk.learn(news, now());
  std::set<std::string, std::less<>> names;
  for (const auto& [name, at] : drained) names.insert(name);
  process.board.set_drained(std::move(names));
}

std::vector<risk::Record> Product::take_decisions() {
  std::vector<risk::Record> all;
  for (auto& [account, records] : processes_.back()->decisions.take()) {
    auto& to_write = to_write_[account];
    to_write.insert(to_write.end(), records.begin(), records.end());
    all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  }
  return all;
}

std::size_t Product::listed_decisions(const TransactionId& id) {
  run_second();
  return in([&](store::Tx& tx, Moment&) {
    store::DecisionFilter filter;
    filter.transaction = id;
    std::size_t count = 0;
    for (;;) {
      const auto page = store::list_decisions(tx, account_, filter);
      count += page.records.size();
      if (!page.next) return count;
      filter.after = page.next;
    }
  });
}

usecase::Caller Product::operator_of(const Key& key) const {
  usecase::Caller caller{account_, key.name, "request", std::nullopt};
  caller.may_administer = key.admin;
  return caller;
}

Answered Product::say_about_review(const TransactionId& id, bool allow, const Key& key, WallTime& expires_at) {
  const auto row = in([&](store::Tx& tx, Moment& moment) {
    const auto who = operator_of(key);
    const usecase::Work work{tx, context_, who, moment};
    return allow ? usecase::allow_review(work, id) : usecase::refuse_review(work, id);
  });
  if (!row) return refused(row.error());
  expires_at = row->state.expires_at;
  return {true, {}, {}, row->state.status};
}

std::vector<store::BlockRow> Product::blocks() {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_blocks({tx, context_, caller("api:game"), moment}, std::nullopt, 50);
  });
}

Answered Product::lift(const BlockId& block, const Key& key) {
  const auto lifted = in([&](store::Tx& tx, Moment& moment) {
    return usecase::lift_block({tx, context_, operator_of(key), moment}, block);
  });
  look_at_store_ = true;
  run_second();
  return answered(lifted);
}

Answered Product::switch_spending(bool stopped, const Key& key) {
  const auto switched = in([&](store::Tx& tx, Moment& moment) {
    return usecase::switch_spending({tx, context_, operator_of(key), moment}, stopped);
  });
  look_at_store_ = true;
  run_second();
  return answered(switched);
}

Answered Product::set_rules(const risk::RuleSet& rules, const Key& key) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::set_rules({tx, context_, operator_of(key), moment}, rules, std::nullopt);
  }));
}

Answered Product::put_on_safe_list(std::string_view address) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::verify_api::add_to({tx, context_, caller("api:game"), moment}, usecase::verify_api::kSafeList, Id{},
                                       std::string(address), {});
  }));
}

std::string Product::line_to_ask_about(const usecase::HoldRequest& request) {
  if (usecase::signals_for(context_, account_, request.service, request.type).empty()) return {};
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::signal_question({tx, context_, caller("api:game"), moment}, request).phone;
  });
}

std::string Product::work_for_page(const TransactionId& id) {
  Moment moment{now(), random_};
  return usecase::work_for_page(context_.vault, id, moment);
}

bool Product::accepts_work(const TransactionId& id, std::string_view work) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::accept_page_work({tx, context_, caller("person"), moment}, id, work);
  });
}

std::string Product::security_token(std::string_view identity, std::string_view jti, bool genuine) {
  const json::object claims{
      {"iss", kIssuer},
      {"aud", kAudience},
      {"jti", jti},
      {"iat", to_unix_seconds(now())},
      {"sub_id", json::object{{"format", "opaque"}, {"id", identity}}},
      {"events",
       json::object{{"https://schemas.openid.net/secevent/caep/event-type/session-revoked", json::object()}}}};
  return crypto::sign_jws(genuine ? issuer_ : forger_, "secevent+jwt", canonical_json(claims));
}

Answered Product::tell(std::string_view token) {
  const auto receiver = receiver_of(account_);
  const std::vector<crypto::ForeignKey> keys{*crypto::ForeignKey::from_jwk(issuer_.public_jwk())};
  const auto events = usecase::read_set(token, keys, receiver, now());
  if (!events) return {false, std::string(usecase::to_text(events.error())), {}, {}};
  return answered(in([&](store::Tx& tx, Moment& moment) {
    const usecase::Caller issuer{account_, "signal:idp", "", std::nullopt};
    return usecase::take_security_events({tx, context_, issuer, moment}, receiver, *events, token);
  }));
}

std::size_t Product::signals_received() {
  return in([&](store::Tx& tx, Moment&) {
    std::size_t count = 0;
    store::EventFilter filter;
    filter.after = signals_looked_at_;
    filter.type = "signal.received";
    for (;;) {
      const auto page = store::list_events(tx, account_, filter);
      count += page.rows.size();
      if (!page.rows.empty()) signals_looked_at_ = page.rows.back().id;
      if (!page.next) return count;
      signals_looked_at_ = filter.after = page.next;
    }
  });
}

}  // namespace countersign::simulation::game
