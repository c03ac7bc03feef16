#include "simulation/game/table.h"

// Passkeys and security keys.
namespace countersign::simulation::game {

namespace {

constexpr std::size_t kAssertionsKept = 40;
constexpr std::size_t kHisNetworks = 200;

/// Hers is one; he has more than there are challenges open at once.
std::string network_of(Who who, Chance& chance) {
  return who == Who::kPerson ? "192.0.2.7" : fmt::format("198.51.100.{}", 1 + chance.below(kHisNetworks));
}

std::string_view door_of_key(const Deal& deal) { return deal.operation ? "person" : "api:game"; }

json::object read(std::string_view options) {
  const auto parsed = parse_json(options);
  CS_CHECK(parsed.has_value());
  return parsed->as_object();
}

}  // namespace

std::size_t Table::keep_key(std::size_t owner, const usecase::PasskeyEnrolment& made) {
  const std::size_t key = make(Thing::kKey, owner);
  auto& source = at(key);
  auto& device = source.device.emplace(source.name);
  source.factor = made.id;
  source.offer = made.options;
  // A passkey in the cloud, a passkey of one device, or a security key that only feels a touch.
  const std::size_t sort = chance.below(3);
  source.synced = sort == 0;
  source.verifies = sort != 2;
  device.backup_eligible = device.backed_up = source.synced;
  device.counts = !source.synced;
  source.name += source.synced ? " (synced)" : source.verifies ? "" : " (touch)";
  return key;
}

std::size_t Table::enrol_key(std::size_t person, Who who) {
  const auto& whom = persons[person];
  const auto made = product.enrol_key({whom.identity, whom.service});
  say("{} begins a key for {}: {}", name_of(who), whom.identity, made ? "yes" : "no");
  return made ? keep_key(who == Who::kPerson ? person : kNone, *made) : kNone;
}

json::object Table::new_key_answer(std::size_t key) {
  auto& device = *at(key).device;
  device.user_verified = at(key).verifies;
  return device.create(at(key).offer);
}

usecase::Answer<usecase::PasskeyChallenge> Table::ask_key(const Deal& deal, Who who) {
  return product.challenge_key(deal.id, network_of(who, chance), door_of_key(deal));
}

Answered Table::answer_key(Deal& deal, Who who, std::size_t key, std::string_view options, bool on_page) {
  auto& source = at(key);
  const bool his = who == Who::kAdversary;
  auto& device = his && source.copy ? *source.copy : *source.device;
  const auto asked = read(options);
  if (!his && !device.is_asked(asked)) {  // His software answers also what was not asked of it.
    say("the product does not ask {} for {}", source.name, deal.id.text().substr(26));
    return {false, "not_asked", {}, {}};
  }
  const bool verified = his ? source.his_verifies : source.verifies;
  device.user_verified = verified;
  auto response = device.get(asked);
  if (!his && deal.asked_by == Who::kPerson) deal.approved = true;
  const auto answered = product.check_key(deal.id, response, network_of(who, chance), door_of_key(deal));
  say("{} answers with {}{} for {}: {}", name_of(who), source.name, verified ? "" : ", touched alone",
      deal.id.text().substr(26), answered.yes ? "yes" : answered.why);
  assertions.push_back({key, deal.id, std::move(response), verified});
  if (assertions.size() > kAssertionsKept) assertions.pop_front();
  if (answered.yes) tally.count(his ? "assertions by the adversary" : "assertions by persons");
  return accept(deal, answered, {key, domain::Method::kWebauthn, who, {}, true, false, verified}, on_page);
}

Answered Table::check_key(Deal& deal, Who who, std::size_t key, bool on_page) {
  const auto asked = ask_key(deal, who);
  if (!asked) {
    say("{} asks for a key for {}: no", name_of(who), deal.id.text().substr(26));
    return Product::refusal_of(asked.error());
  }
  return answer_key(deal, who, key, asked->options, on_page);
}

Answered Table::replay(Deal& deal, const Assertion& old) {
  static_cast<void>(ask_key(deal, Who::kAdversary));  // So that something waits for an answer.
  const auto answered =
      product.check_key(deal.id, old.response, network_of(Who::kAdversary, chance), door_of_key(deal));
  say("he sends an old answer of {} for {}: {}", at(old.key).name, deal.id.text().substr(26),
      answered.yes ? "yes" : answered.why);
  tally.count("assertions sent for something else");
  return accept(deal, answered, {old.key, domain::Method::kWebauthn, Who::kAdversary, {}, false, false, old.verified},
                deal.his_link);
}

Answered Table::forge(Deal& deal, std::size_t key) {
  const auto asked = ask_key(deal, Who::kAdversary);
  auto forger = *at(key).device;  // He knows its name, and what it says of itself.
  forger.wrong_signature = true;
  forger.sign_count += static_cast<std::uint32_t>(chance.below(100));
  const std::string nothing = R"({"challenge":"AAAA","rpId":"verify.example.com"})";
  const auto response = forger.get(read(asked ? asked->options : nothing));
  const auto answered = product.check_key(deal.id, response, network_of(Who::kAdversary, chance), door_of_key(deal));
  tally.count("assertions forged");
  return accept(deal, answered, {key, domain::Method::kWebauthn, Who::kAdversary, {}, false, false, true}, true);
}

void Table::flood_with_challenges(Deal& deal, std::size_t key) {
  say("he has challenges made for {}, and answers some wrongly", deal.id.text().substr(26));
  tally.count("floods of challenges");
  for (std::size_t i = 0; i < 60; ++i) {
    if (i % 4 == 3)
      forge(deal, key);
    else
      static_cast<void>(ask_key(deal, Who::kAdversary));
  }
}

}  // namespace countersign::simulation::game
