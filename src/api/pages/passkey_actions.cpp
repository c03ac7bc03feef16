#include "api/pages/passkey_actions.h"

#include "api/json_writer.h"
#include "usecase/passkey/challenge.h"
#include "usecase/passkey/confirm.h"
#include "usecase/verification/allowance.h"
#include "webauthn/response_json.h"

namespace countersign::api::pages {

Challenge give_challenge(const usecase::Work& work, const TransactionId& id) {
  if (const auto counted = usecase::count_form(work, id); !counted)
    return {"", refused(counted.error(), "", work.moment.now)};
  const auto given = usecase::challenge_passkey(work, id);
  if (!given) return {"", refused(given.error(), "", work.moment.now)};
  JsonWriter json;
  json.open_object().raw_member("options", given->options);
  return {json.close_object().take(), {}};
}

PasskeyAnswer read_passkey_answer(const http::Form& form) {
  PasskeyAnswer answer;
  const auto field = form.value("response");
  if (!field || field->empty()) return answer;
  answer.empty = false;
  answer.response = webauthn::read_authentication_response(*field);
  return answer;
}

FormResult check_passkey(const usecase::Work& work, const store::TransactionRow& row, const PasskeyAnswer& answer,
                         const usecase::JudgedAssertion& judged) {
  if (answer.empty) return {{"passkey_script", std::nullopt, "choose", "", false}, {}};
  const auto approved = usecase::check_passkey(work, row.state.id, judged, answer.response);
  FormResult done{outcome_of(approved, std::string(usecase::kPasskeyWay), std::nullopt, false, work.moment.now), {}};
  const bool refused = !approved && approved.error().code == usecase::Code::kWrongResponse;
  const auto* settings = usecase::passkeys_of(work.context, row.state.account, row.state.service);
  if (refused && answer.response && settings != nullptr &&
      !usecase::knows_credential(work, settings->party.id, answer.response->id))
    done.outcome.note = "passkey_gone";
  done.after.announced = approved.has_value();
  return done;
}

}  // namespace countersign::api::pages
