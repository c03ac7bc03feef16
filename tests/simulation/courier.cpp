#include "simulation/courier.h"

#include <algorithm>
#include <utility>

#include "delivery/signed_post.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "store/repository/webhooks.h"
#include "usecase/outbox/work_upstream_ends.h"
#include "usecase/transaction/cancel.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::simulation {

namespace {

constexpr int kBatch = 100;
const auto kNobody = [](const auto*) {};

int enabled_endpoints(store::Tx& tx, const AccountId& account) {
  return static_cast<int>(std::ranges::count_if(store::endpoints_of(tx, account), &store::EndpointRow::enabled));
}

}  // namespace

void Courier::begin(std::function<void()> make) {
  WallTime not_before = world_.now();
  if (world_.faults() && world_.chance.one_in(25)) {
    world_.tally.count("fault: outbound call late");
    not_before += world_.chance.up_to(std::chrono::minutes(4));
  }
  under_way_.push_back({not_before, std::move(make)});
}

void Courier::go_on() {
  if (under_way_.empty()) return;
  const std::size_t at = world_.chance.below(under_way_.size());
  if (world_.now() < under_way_[at].not_before && world_.faults()) return;
  const auto make = std::move(under_way_[at].make);
  under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(at));
  make();
}

void Courier::deliver(usecase::QueuedMessage message) {
  begin([this, message = std::move(message)] {
    if (world_.now() >= message.start_before) {
      world_.tally.count("messages whose turn came too late");
      return give_back(message);
    }
    auto outcome = providers_.take(message);
    if (outcome && world_.chance.one_in(10)) report(message, outcome->provider_ref);
    finish({message, std::move(outcome)});
  });
}

void Courier::give_back(const usecase::QueuedMessage& message) {
  world_.ask(
      fmt::format("give back message {}", message.id.text()),
      [this, message](store::Tx& tx, Moment& moment) {
        usecase::give_back(tx, world_.context(), message, moment);
        return Done{};
      },
      [](const Done&, WallTime) {}, kNobody);
}

void Courier::finish(usecase::SentMessage sent) {
  sent_.push_back(std::move(sent));
  if (sent_.size() == 1) under_way_.push_back({world_.now(), [this] { write_down_sent(); }});
}

void Courier::write_down_sent() {
  std::string what = "finish messages";
  for (const auto& [message, outcome] : sent_)
    what += fmt::format(" {}: {}", message.id.text(), outcome ? "accepted" : delivery::name_of(outcome.error().fault));
  world_.tally.count("messages finished together with others", sent_.size() - 1);
  world_.ask(
      what,
      [this, sent = std::exchange(sent_, {})](store::Tx& tx, Moment& moment) {
        usecase::finish_messages(tx, world_.context(), sent, moment);
        // An answer about a request that another one has followed is not written down.
        std::vector<std::pair<VerificationId, std::string>> known;
        for (const auto& [message, outcome] : sent) {
          if (!outcome || !std::holds_alternative<delivery::VerificationStart>(message.content)) continue;
          const auto row = store::find_verification(tx, message.account, message.transaction, message.verification);
          if (row && row->provider_ref == outcome->provider_ref)
            known.emplace_back(message.verification, outcome->provider_ref);
        }
        return known;
      },
      [this](const auto& known, WallTime) {
        for (const auto& [verification, ref] : known) providers_.known_as(verification, ref);
      },
      kNobody);
}

void Courier::report(const usecase::QueuedMessage& message, const std::string& ref) {
  const bool failed = world_.chance.one_in(4);
  world_.tally.count(failed ? "delivery reports: failed" : "delivery reports: delivered");
  const domain::Delivery said =
      failed ? domain::Delivery{contact::DeliveryStage::kFailed, contact::DeliveryReason::kInvalidAddress}
             : domain::Delivery{contact::DeliveryStage::kDelivered};
  const int times = world_.chance.one_in(5) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    begin([this, message, ref, said] {
      world_.ask(
          "delivery report",
          [this, id = message.id, ref, said](store::Tx& tx, Moment& moment) {
            return usecase::report_delivery(tx, world_.context(), {world_.account, id, ref, said, "30005"}, moment);
          },
          [](std::optional<domain::ReportEffect>, WallTime) {}, kNobody);
    });
  }
}

void Courier::ask(usecase::AskProvider asked) {
  begin([this, asked = std::move(asked)] {
    const auto verdict = providers_.check(asked);
    world_.ask(
        fmt::format("conclude {}", asked.verification.text()),
        [this, asked, verdict](store::Tx& tx, Moment& moment) {
          return usecase::conclude_check({tx, world_.context(), world_.caller("person"), moment}, asked, verdict);
        },
        [this, asked, verdict](const Answer<usecase::Approved>& answer, WallTime at) {
          if (answer) providers_.require_own(asked);
          model_.concluded(asked, verdict, answer, at);
        },
        kNobody);
  });
}

void Courier::end_upstream(const store::UpstreamEndRow& row) {
  begin([this, row] {
    const auto outcome = providers_.end(row.provider_ref);
    world_.ask(
        fmt::format("finish the end of {} at its provider", row.verification.text()),
        [row, outcome](store::Tx& tx, Moment& moment) {
          usecase::finish_upstream_end(tx, row, outcome, moment);
          return Done{};
        },
        [](const Done&, WallTime) {}, kNobody);
  });
}

void Courier::post(usecase::WebhookJob job) {
  begin([this, job = std::move(job)] {
    const auto& attempt = job.attempt;
    const auto call = delivery::signed_post(attempt.url, attempt.id, attempt.body, attempt.secrets, world_.now());
    const auto outcome = delivery::judge_webhook_answer(receivers_.post(call), world_.now());
    attempted_.push_back({job.row, outcome});
    if (attempted_.size() == 1) under_way_.push_back({world_.now(), [this] { write_down_attempted(); }});
  });
}

void Courier::write_down_attempted() {
  std::string what = "finish webhooks";
  for (const auto& [row, outcome] : attempted_) what += fmt::format(" {}: {}", row.id.text(), outcome.detail);
  world_.tally.count("webhooks finished together with others", attempted_.size() - 1);
  world_.ask(
      what,
      [this, attempted = std::exchange(attempted_, {})](store::Tx& tx, Moment& moment) {
        usecase::finish_deliveries(tx, world_.context(), attempted, moment);
        return enabled_endpoints(tx, world_.account);
      },
      [this](int enabled, WallTime) { model_.endpoints_enabled(enabled); }, kNobody);
}

void Courier::tick() {
  world_.ask(
      "look for due messages",
      [this](store::Tx& tx, Moment& moment) {
        return usecase::lease_due_messages(tx, world_.context(), kBatch, moment);
      },
      [](const auto&, WallTime) {},
      [this](const store::Leased<usecase::QueuedMessage>* due) {
        if (due == nullptr) return;
        world_.tally.count("messages taken over or tried again", due->jobs.size());
        for (const auto& message : due->jobs) deliver(message);
      });
  world_.ask(
      "look for verifications to end at their provider",
      [this](store::Tx& tx, Moment& moment) {
        return usecase::lease_due_upstream_ends(tx, world_.context(), kBatch, moment);
      },
      [](const auto&, WallTime) {},
      [this](const store::Leased<store::UpstreamEndRow>* due) {
        if (due == nullptr) return;
        for (const auto& row : due->jobs) end_upstream(row);
      });
  world_.ask(
      "look for due webhooks",
      [this](store::Tx& tx, Moment& moment) {
        return usecase::lease_due_deliveries(tx, world_.context(), kBatch, moment, usecase::verify_api::hook_attempt);
      },
      [](const auto&, WallTime) {},
      [this](const store::Leased<usecase::WebhookJob>* due) {
        if (due == nullptr) return;
        for (const auto& job : due->jobs) post(job);
      });
  world_.ask(
      "write down what the fraud engine knows",
      [this](store::Tx& tx, Moment& moment) {
        write_fraud(tx, world_.context(), moment);
        return Done{};
      },
      [](const Done&, WallTime) {}, kNobody);
  world_.ask(
      "expire what has lapsed",
      [this](store::Tx& tx, Moment& moment) {
        std::vector<TransactionId> ids;
        for (const auto& row : store::lapsed_transactions(tx, moment.now, kBatch)) ids.push_back(row.state.id);
        CS_CHECK(usecase::expire_lapsed(tx, world_.context(), kBatch, moment) == static_cast<int>(ids.size()));
        return ids;
      },
      [this](const std::vector<TransactionId>& ids, WallTime at) {
        world_.tally.count("transactions expired", ids.size());
        model_.expired(ids, at);
      },
      kNobody);
}

}  // namespace countersign::simulation
