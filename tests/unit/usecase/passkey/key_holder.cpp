#include "tests/unit/usecase/passkey/key_holder.h"

#include "webauthn/response_json.h"

namespace countersign::testing {

Answer<usecase::PasskeyEnrolment> KeyHolder::enrol() {
  return fixture_.in([&](store::Tx& tx, Moment& moment) {
    auto made = usecase::enrol_passkey({tx, fixture_.context(), fixture_.caller(), moment},
                                       {identity, "Security key", "", fixture_.service()});
    if (made) factor = made->id;
    return made;
  });
}

Answer<usecase::FactorView> KeyHolder::confirm_with(const json::object& answer, const usecase::ConfirmTerms& terms) {
  const auto response = webauthn::read_registration_response(answer);
  return fixture_.in([&](store::Tx& tx, Moment& moment) {
    const usecase::Work work{tx, fixture_.context(), fixture_.caller(), moment};
    const auto seen = usecase::look_for_offer(work, identity, factor);
    std::optional<usecase::JudgedRegistration> judged;
    if (seen)
      judged = usecase::judge_registration(*usecase::passkeys_of(fixture_.context(), fixture_.account(), seen->service),
                                           *seen, response, moment.now);
    return usecase::confirm_passkey(work, identity, factor, judged, terms);
  });
}

void KeyHolder::bind() {
  const auto made = enrol();
  ASSERT_EQ(why(made), kYes);
  ASSERT_EQ(why(confirm(made->options)), kYes);
  fixture_.wait(seconds(1));
}

Answer<usecase::PasskeyChallenge> KeyHolder::ask(const TransactionId& id) {
  return fixture_.in([&](store::Tx& tx, Moment& moment) {
    return usecase::challenge_passkey({tx, fixture_.context(), fixture_.caller(), moment}, id);
  });
}

Answer<usecase::Approved> KeyHolder::answer(const TransactionId& id, const json::object& answer) {
  const auto response = webauthn::read_authentication_response(answer);
  return fixture_.in([&](store::Tx& tx, Moment& moment) {
    const usecase::Work work{tx, fixture_.context(), fixture_.caller(), moment};
    std::optional<usecase::SeenPasskey> seen;
    if (response) seen = usecase::look_for_passkey(work, id, response->id);
    return usecase::check_passkey(work, id, usecase::judge_assertion(nullptr, seen, response), response);
  });
}

usecase::JudgedAssertion KeyHolder::judge(const json::object& answer) {
  const auto response = webauthn::read_authentication_response(answer);
  return fixture_.in([&](store::Tx& tx, Moment& moment) {
    const usecase::Work work{tx, fixture_.context(), fixture_.caller(), moment};
    const auto seen = usecase::look_for_passkey(work, fixture_.current(), response->id);
    return usecase::judge_assertion(nullptr, seen, response);
  });
}

Answer<usecase::Approved> KeyHolder::store(const usecase::JudgedAssertion& judged, const json::object& answer) {
  const auto response = webauthn::read_authentication_response(answer);
  return fixture_.in([&](store::Tx& tx, Moment& moment) {
    return usecase::check_passkey({tx, fixture_.context(), fixture_.caller(), moment}, fixture_.current(), judged,
                                  response);
  });
}

}  // namespace countersign::testing
