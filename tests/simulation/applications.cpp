#include "simulation/applications.h"

#include <fmt/format.h>

#include "base/json.h"
#include "simulation/furnish.h"
#include "store/repository/transactions.h"
#include "store/repository/webhooks.h"
#include "usecase/idempotency.h"
#include "usecase/outbox/endpoints.h"
#include "usecase/subject/contacts.h"
#include "usecase/transaction/claim.h"

namespace countersign::simulation {

namespace {

using contact::Channel;
using domain::TransactionStatus;
using std::chrono::minutes;
using std::chrono::seconds;

struct HoldSeen {
  Answer<usecase::Recorded> answer;
  std::optional<store::TransactionRow> row;
  std::vector<store::ContactRow> contacts;
};

HoldSeen hold_once(store::Tx& tx, const usecase::Context& context, const usecase::Caller& caller,
                   const std::string& key, const usecase::HoldRequest& request, Moment& moment) {
  HoldSeen seen{
      usecase::idempotent({tx, context, caller, moment}, usecase::IdempotencyKey{key, "hold", request.payload, true},
                          [&]() -> Answer<usecase::Recorded> {
                            auto held = usecase::hold({tx, context, caller, moment}, request);
                            if (!held) return fail(held.error());
                            return usecase::Recorded{201, held->id.text()};
                          }),
      {},
      {}};
  if (!seen.answer) return seen;
  const store::Beside beside(tx);  // Under the keys that the hold has.
  seen.row = store::find_transaction(tx, caller.account, *TransactionId::parse(seen.answer->body));
  if (seen.row) seen.contacts = store::contacts_of(tx, caller.account, seen.row->state.subject);
  return seen;
}

}  // namespace

void Applications::hold() {
  auto& chance = scene_.world.chance;
  Hold hold;
  hold.key = fmt::format("key-{}", ++holds_);
  hold.person = scene_.somebody();
  hold.tries_left = 3;
  auto& request = hold.request;
  request.type = "payout_account.change";
  if (chance.percent(20)) request.service = kUpstreamService;
  request.identity = identity_of(hold.person);
  request.contacts = {{Channel::kSms, scene_.phone_of_person(hold.person)}};
  if (chance.percent(50)) request.contacts.push_back({Channel::kEmail, email_of(hold.person)});
  if (chance.percent(20)) request.contacts.push_back({Channel::kCall, scene_.phone_of_person(hold.person)});
  request.display = {"Nova conta de repasse", domain::Amount{"12480.00", "BRL"}, fmt::format("Conta {}", holds_), {}};
  request.payload = fmt::format(R"({{"account":"{}"}})", holds_);
  request.policy = chance.pick(policy_names());
  request.expires_in = seconds(60) + chance.up_to(minutes(30));
  if (chance.one_in(60)) request.contacts = {{Channel::kSms, "12"}};  // No number.
  send(hold);
  if (chance.one_in(20)) {
    scene_.world.tally.count("holds sent twice");
    send(hold);
  }
}

void Applications::send(const Hold& hold) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("hold {}", hold.key),
      [&world, hold](store::Tx& tx, Moment& moment) {
        return hold_once(tx, world.context(), world.caller("api:test"), hold.key, hold.request, moment);
      },
      [this, hold](const HoldSeen& seen, WallTime at) {
        if (!seen.answer) return scene_.world.tally.count("holds refused");
        require(seen.row.has_value(), Invariant::kNothingLost, "the answer of {} names no transaction", hold.key);
        const auto [known, fresh] = held_by_key_.try_emplace(hold.key, seen.row->state.id);
        if (!fresh) {
          require(known->second == seen.row->state.id, Invariant::kOnce, "{} made two transactions", hold.key);
          return scene_.world.tally.count("holds answered again");
        }
        scene_.model.knows_contacts(hold.person, seen.contacts);
        TransactionModel made;
        made.id = seen.row->state.id;
        made.person = hold.person;
        made.at_upstream = hold.request.service == kUpstreamService;
        made.policy = scene_.world.settings.policies.at(std::get<std::string>(*hold.request.policy));
        made.payload = hold.request.payload;
        made.payee = hold.request.display.payee;
        made.created_at = seen.row->state.created_at;
        made.expires_at = at + *hold.request.expires_in;
        scene_.model.held(made);
        scene_.remember(made.id);
        scene_.world.tally.count("holds");
      },
      [this, hold](const HoldSeen* answer) {
        if (answer != nullptr || hold.tries_left == 0) return;
        Hold again = hold;
        --again.tries_left;
        send(again);
      });
}

void Applications::cancel() {
  const auto* held =
      scene_.any(scene_.world.chance.percent(50) ? TransactionStatus::kHeld : TransactionStatus::kVerified);
  if (held == nullptr) return;
  auto& world = scene_.world;
  world.ask(
      fmt::format("cancel {}", held->id.text()),
      [&world, id = held->id](store::Tx& tx, Moment& moment) {
        return usecase::cancel({tx, world.context(), world.caller("api:test"), moment}, id);
      },
      [this, id = held->id](const Answer<usecase::Ended>& answer, WallTime at) {
        scene_.world.tally.count(answer ? "cancels" : "cancels refused");
        scene_.model.ended(id, answer, TransactionStatus::kCanceled, at);
      },
      [](const Answer<usecase::Ended>*) {});
}

void Applications::claim() {
  if (scene_.receivers.verified.empty()) return;
  const auto id = scene_.receivers.verified.front();
  scene_.receivers.verified.pop_front();
  claim(id, "worker-1", 3);
  if (scene_.world.chance.percent(30)) claim(id, "worker-2", 0);
  if (scene_.world.chance.percent(10)) claim(id, "worker-3", 0);
}

void Applications::poll() {
  const auto* held =
      scene_.any(scene_.world.chance.percent(20) ? TransactionStatus::kHeld : TransactionStatus::kVerified);
  if (held != nullptr) claim(held->id, scene_.world.chance.percent(50) ? "worker-1" : "worker-4", 1);
}

void Applications::claim(const TransactionId& id, const std::string& worker, int tries_left) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("claim {} by {}", id.text(), worker),
      [&world, id, worker](store::Tx& tx, Moment& moment) {
        return usecase::claim({tx, world.context(), world.caller("api:test"), moment}, id, worker);
      },
      [this, id, worker](const Answer<usecase::Claim>& answer, WallTime at) {
        scene_.world.tally.count(answer ? "claims" : "claims refused");
        scene_.model.claimed(id, worker, answer, at);
      },
      [this, id, worker, tries_left](const Answer<usecase::Claim>* answer) {
        if (answer == nullptr) {
          if (tries_left > 0) claim(id, worker, tries_left - 1);
          return;
        }
        if (*answer) payloads_.push_back({id, (*answer)->fencing_token});
      });
}

void Applications::acknowledge() {
  auto& chance = scene_.world.chance;
  if (payloads_.empty()) return;
  const std::size_t at = chance.below(payloads_.size());
  const auto payload = payloads_[at];
  if (chance.one_in(6)) {  // With the token of another claim, or none of ours.
    return acknowledge(payload.id, chance.percent(50) ? chance.pick(payloads_).token : "made-up", 0);
  }
  if (!chance.one_in(6)) payloads_.erase(payloads_.begin() + static_cast<std::ptrdiff_t>(at));
  acknowledge(payload.id, payload.token, 3);
}

void Applications::acknowledge(const TransactionId& id, const std::string& token, int tries_left) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("acknowledge {}", id.text()),
      [&world, id, token](store::Tx& tx, Moment& moment) {
        return usecase::acknowledge({tx, world.context(), world.caller("api:test"), moment}, id, token);
      },
      [this, id, token](const Answer<Done>& answer, WallTime) {
        if (answer) scene_.world.tally.count("acknowledgements");
        scene_.model.acknowledged(id, token, answer);
      },
      [this, id, token, tries_left](const Answer<Done>* answer) {
        if (answer == nullptr && tries_left > 0) acknowledge(id, token, tries_left - 1);
      });
}

void Applications::add_contact() {
  // As whoever has taken over the person's session would have it done, to a number of his own.
  const auto* held = scene_.any(TransactionStatus::kHeld);
  if (held == nullptr) return;
  auto& world = scene_.world;
  const std::size_t person = held->person;
  const std::string phone = scene_.strange_phone();
  struct Added {
    Answer<usecase::ContactView> answer;
    std::vector<store::ContactRow> contacts;
  };
  world.ask(
      fmt::format("add a contact to {}", identity_of(person)),
      [&world, person, phone](store::Tx& tx, Moment& moment) {
        const auto& context = world.context();
        Added added{usecase::add_contact({tx, context, world.caller("api:test"), moment}, {identity_of(person)},
                                         {Channel::kSms, phone}, {}),
                    {}};
        const auto subject = store::find_subject(tx, context.vault, world.account, identity_of(person));
        added.contacts = store::contacts_of(tx, world.account, *subject);
        return added;
      },
      [this, person](const Added& added, WallTime) {
        if (!added.answer) return;
        scene_.world.tally.count("contacts added on the way");
        scene_.model.subject_event("contact.added");
        scene_.model.knows_contacts(person, added.contacts);
      },
      [](const Added*) {});
}

void Applications::mend_endpoints() {
  auto& world = scene_.world;
  struct Mended {
    std::optional<usecase::NewEndpoint> made;
    int enabled = 0;
    int removed = 0;
  };
  world.ask(
      "mend the endpoints",
      [&world, url = fmt::format("https://shop.example.com/hooks/{}", ++endpoints_)](store::Tx& tx, Moment& moment) {
        const auto caller = world.caller("api:test");
        Mended mended;
        for (const auto& endpoint : usecase::list_endpoints({tx, world.context(), caller, moment})) {
          if (endpoint.enabled) {
            ++mended.enabled;
            continue;
          }
          ++mended.removed;
          CS_CHECK(usecase::remove_endpoint({tx, world.context(), caller, moment}, endpoint.id).has_value());
        }
        if (mended.enabled >= 2) return mended;
        auto made = usecase::add_endpoint({tx, world.context(), caller, moment}, {url, {}, {}});
        CS_CHECK(made.has_value());
        mended.made = *std::move(made);
        ++mended.enabled;
        return mended;
      },
      [this](const Mended& mended, WallTime) {
        for (int i = 0; i < mended.removed; ++i) scene_.model.subject_event("webhook_endpoint.removed");
        scene_.model.endpoints_enabled(mended.enabled);
        if (!mended.made) return;
        scene_.model.subject_event("webhook_endpoint.added");
        scene_.receivers.add(*mended.made);
        scene_.world.tally.count("endpoints added");
      },
      [](const Mended*) {});
}

}  // namespace countersign::simulation
