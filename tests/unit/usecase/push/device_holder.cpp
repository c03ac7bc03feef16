#include "tests/unit/usecase/push/device_holder.h"

#include "crypto/p256.h"
#include "usecase/push/signed_text.h"

namespace countersign::testing {

namespace {

crypto::SigningKey new_key(unsigned seed) {
  SeededRandom random(seed);
  return crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
}

}  // namespace

void offer_push(Fixture& fixture, SentPushes& sent) {
  usecase::PushServerSettings server;
  server.keys =
      std::make_shared<delivery::PushKeys>(std::vector{crypto::VapidKey(new_key(99), "mailto:ops@countersign.dev")});
  fixture.settings().push = server;
  fixture.settings().accounts.at(fixture.account()).services.front().push_page = "https://app.example.com/approve";
  fixture.push_by(sent);
  for (const char* policy : {"any", "strict"}) fixture.policy(policy).any_of.add(domain::Method::kPush);
}

DeviceHolder::DeviceHolder(Fixture& fixture, unsigned seed) : key(new_key(seed)), fixture_(fixture) {}

template <class Call>
auto DeviceHolder::in(Call call) {
  return fixture_.in([&](store::Tx& tx, Moment& moment) {
    const usecase::Work work{tx, fixture_.context(), fixture_.caller(), moment};
    return call(work);
  });
}

std::string DeviceHolder::public_key() const { return crypto::p256_point_of(key.public_key()); }

Answer<usecase::PushEnrolment> DeviceHolder::enrol() {
  auto made = in([&](const usecase::Work& work) {
    const auto& services = fixture_.settings().accounts.at(fixture_.caller().account).services;
    return usecase::enrol_push(work, {identity, "Ana's phone", services.front().id});
  });
  if (made) factor = made->id;
  return made;
}

usecase::PushAnswer DeviceHolder::answer_to(std::string_view challenge) const {
  usecase::PushAnswer answer{public_key(), std::string(challenge), endpoint, browser.point(), browser.auth(), ""};
  answer.signature =
      key.sign(usecase::enrolment_text(challenge, {answer.endpoint, answer.point, answer.auth, std::string()}));
  return answer;
}

Answer<usecase::FactorView> DeviceHolder::confirm(const usecase::PushAnswer& answer) {
  const auto judged = usecase::judge_enrolled_device(*fixture_.settings().push, answer);
  return in(
      [&](const usecase::Work& work) { return usecase::confirm_push(work, identity, factor, answer, judged, {}); });
}

void DeviceHolder::bind() {
  const auto made = enrol();
  CS_CHECK(made.has_value());
  CS_CHECK(confirm(answer_to(made->challenge)).has_value());
}

Answer<usecase::PushPrompt> DeviceHolder::prompt() {
  return in([&](const usecase::Work& work) { return usecase::prompt_push(work, fixture_.current(), asking); });
}

Answer<usecase::PromptView> DeviceHolder::look(std::string_view prompt) {
  return in([&](const usecase::Work& work) { return usecase::show_prompt(work, fixture_.current(), prompt); });
}

usecase::DeviceAnswer DeviceHolder::typed(const usecase::PromptView& prompt, std::optional<std::string_view> number) {
  usecase::DeviceAnswer answer{prompt.id, prompt.challenge, public_key(), "", std::nullopt};
  if (number) answer.number = SecretString(std::string(*number));
  answer.signature =
      key.sign(number ? usecase::approval_text(prompt.challenge, *number) : usecase::denial_text(prompt.challenge));
  return answer;
}

Answer<usecase::Approved> DeviceHolder::send(const usecase::DeviceAnswer& answer) {
  const bool genuine = usecase::is_genuine(answer);
  return in([&](const usecase::Work& work) {
    return answer.number ? usecase::approve_on_device(work, fixture_.current(), answer, genuine)
                         : usecase::deny_on_device(work, fixture_.current(), answer, genuine);
  });
}

Answer<usecase::Approved> DeviceHolder::type(std::string_view prompt, std::string_view number) {
  return send(typed(look(prompt).value(), number));
}

Answer<usecase::Approved> DeviceHolder::refuse(std::string_view prompt) {
  return send(typed(look(prompt).value(), std::nullopt));
}

Answer<usecase::FactorView> DeviceHolder::renew(const usecase::PushAnswer& answer, std::int64_t signed_at) {
  return in([&](const usecase::Work& work) {
    return usecase::renew_subscription(work, identity, factor, answer, signed_at);
  });
}

std::string other_number(std::string_view number) {
  std::string other(number);
  other.back() = other.back() == '0' ? '1' : '0';
  return other;
}

}  // namespace countersign::testing
