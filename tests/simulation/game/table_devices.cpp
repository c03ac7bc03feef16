#include "crypto/p256.h"
#include "simulation/game/table.h"
#include "usecase/push/signed_text.h"

// Browsers that are asked by Web Push, and phones with Twilio's mobile SDKs.
namespace countersign::simulation::game {

namespace {

constexpr std::size_t kSignedKept = 40;
constexpr std::size_t kHisAskers = 12;

/// Hers is one.
std::string network_of_asker(Who who, Chance& chance) {
  return who == Who::kPerson ? "192.0.2.7" : fmt::format("198.51.100.{}", 1 + chance.below(kHisAskers));
}

std::string_view door_of_device(const Deal& deal) { return deal.operation ? "person" : "api:game"; }

std::string_view short_of(const Deal& deal, std::string& text) {
  text = deal.id.text().substr(26);
  return text;
}

}  // namespace

std::size_t Table::enrol_device(std::size_t person, Who who, Thing thing) {
  const auto& whom = persons[person];
  const auto key = std::make_shared<testing::DeviceKey>(7'000'000 + sources.size());
  std::optional<FactorId> id;
  std::string challenge;
  if (thing == Thing::kPhone) {
    id = product.create_phone(whom.service, whom.identity, key->point());
  } else if (const auto made = product.enrol_device({whom.identity, whom.service})) {
    id = made->id;
    challenge = made->challenge;
  }
  say("{} begins a {} for {}: {}", name_of(who), thing == Thing::kPhone ? "phone" : "device", whom.identity,
      id ? "yes" : "no");
  if (!id) return kNone;
  const std::size_t device = make(thing, who == Who::kPerson ? person : kNone);
  at(device).factor = *id;
  at(device).pair = key;
  at(device).offer = challenge;
  return device;
}

Answered Table::confirm_device(const Person& person, std::size_t device, bool vouch) {
  const auto& source = at(device);
  if (source.thing == Thing::kPhone)
    return product.verify_phone(person.service, person.identity, source.factor, source.pair->point(),
                                source.pair->first_signature(source.factor.text()));
  usecase::PushAnswer answer{
      source.pair->point(), source.offer,         "https://push.example.net/" + source.factor.text(),
      source.pair->point(), std::string(16, 'a'), ""};
  answer.signature =
      source.pair->sign(usecase::enrolment_text(answer.challenge, {answer.endpoint, answer.point, answer.auth, ""}));
  return product.confirm_device(person.identity, source.factor, answer, vouch);
}

usecase::Answer<Product::Prompted> Table::ask_devices(Deal& deal, Who who, std::size_t asking) {
  const auto prompt = product.prompt(deal.id, asking == kNone ? std::nullopt : std::optional(at(asking).factor),
                                     network_of_asker(who, chance), door_of_device(deal));
  std::string id;
  say("{} has devices asked for {}: {}", name_of(who), short_of(deal, id), prompt ? "yes" : "no");
  if (prompt) tally.count(who == Who::kPerson ? "prompts by persons" : "prompts by the adversary");
  return prompt;
}

Answered Table::answer_prompt(Deal& deal, Who who, std::size_t device, const Product::Prompted& prompt,
                              const std::optional<std::string>& number, bool counts, bool on_page) {
  auto& source = at(device);
  usecase::DeviceAnswer answer{prompt.id, prompt.challenge, source.pair->point(), "", std::nullopt};
  answer.signature = source.pair->sign(number ? usecase::approval_text(prompt.challenge, *number)
                                              : usecase::denial_text(prompt.challenge));
  if (number) answer.number = SecretString(std::string(*number));
  const bool knows = number == prompt.number;
  if (who == Who::kPerson && deal.asked_by == Who::kPerson && knows) deal.approved = true;
  const auto answered = product.check_device(deal.id, answer, network_of_asker(who, chance), door_of_device(deal));
  std::string id;
  say("{} {} on {} for {}: {}", name_of(who), number ? (knows ? "types the number" : "types a number") : "refuses",
      source.name, short_of(deal, id), answered.yes ? std::string_view("yes") : std::string_view(answered.why));
  if (!number) {
    if (answered.yes) {
      deal.over = true;
      tally.count("prompts refused");
      referee.denied(deal, now());
    }
    return answered;
  }
  signed_answers.push_back({device, deal.id, answer});
  if (signed_answers.size() > kSignedKept) signed_answers.pop_front();
  if (answered.yes) tally.count(who == Who::kPerson ? "numbers by persons" : "numbers by the adversary");
  return accept(deal, answered, {device, domain::Method::kPush, who, {}, counts && knows, false}, on_page);
}

Answered Table::check_device(Deal& deal, Who who, std::size_t device, bool on_page) {
  if (at(device).thing == Thing::kPhone) return check_phone(deal, who, device, on_page, true);
  const auto prompt = ask_devices(deal, who, kNone);
  if (!prompt) return Product::refusal_of(prompt.error());
  return answer_prompt(deal, who, device, *prompt, prompt->number, true, on_page);
}

Answered Table::check_phone(Deal& deal, Who asks, std::size_t phone, bool on_page, bool yes) {
  const auto asked = product.ask_phone(deal.id, at(phone).factor, network_of_asker(asks, chance));
  std::string id;
  say("{} has {} asked for {}: {}", name_of(asks), at(phone).name, short_of(deal, id), asked ? "yes" : "no");
  if (!asked) return Product::refusal_of(asked.error());
  tally.count(asks == Who::kPerson ? "questions to phones by persons" : "questions to phones by the adversary");
  if (asks == Who::kPerson && deal.asked_by == Who::kPerson && yes) deal.approved = true;
  const auto answered = product.answer_phone(deal.service, deal.identity, deal.id, *asked, *at(phone).pair, yes);
  say("{} says {} for {}: {}", at(phone).name, yes ? "yes" : "no", short_of(deal, id),
      answered.yes ? std::string_view("yes") : std::string_view(answered.why));
  if (!yes) {
    if (answered.yes) {
      deal.over = true;
      tally.count("questions refused on phones");
      referee.denied(deal, now());
    }
    return answered;
  }
  if (answered.yes) tally.count("bare yeses");
  // Whoever asks may get it, in the end.
  Accepted accepted{phone, domain::Method::kPush, asks, {}, true, false};
  accepted.bare = true;
  return accept(deal, answered, accepted, on_page);
}

Answered Table::replay_device(Deal& deal, const SignedByDevice& old) {
  auto answer = old.answer;
  if (const auto prompt = ask_devices(deal, Who::kAdversary, kNone)) {
    if (chance.percent(50)) answer.prompt = prompt->id;
    if (chance.percent(30)) answer.challenge = prompt->challenge;
    if (chance.percent(30)) answer.number = SecretString(std::string(prompt->number));
  }
  const auto answered =
      product.check_device(deal.id, answer, network_of_asker(Who::kAdversary, chance), door_of_device(deal));
  std::string id;
  say("he sends an old answer of {} for {}: {}", at(old.device).name, short_of(deal, id),
      answered.yes ? std::string_view("yes") : std::string_view(answered.why));
  tally.count("devices' answers sent for something else");
  return accept(deal, answered, {old.device, domain::Method::kPush, Who::kAdversary, {}, false, false}, deal.his_link);
}

}  // namespace countersign::simulation::game
