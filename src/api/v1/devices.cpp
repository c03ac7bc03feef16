#include "api/v1/devices.h"

#include "api/json_writer.h"
#include "api/v1/fields.h"
#include "api/v1/hold_body.h"
#include "usecase/verify_api/device_transaction.h"

namespace countersign::api::v1 {

usecase::Answer<usecase::Recorded> ask_device(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"method", "factor", "end_user_ip"});
  static_cast<void>(fields.text("method"));
  const auto factor = FactorId::parse(fields.text("factor"));
  if (!factor) fields.refuse("factor", "must be the id of a factor");
  usecase::Caller caller = work.caller;
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::verify_api::ask_device({work.tx, work.context, caller, work.moment}, *id, *factor)
      .transform([&](const usecase::verify_api::AskedDevice& asked) {
        JsonWriter json;
        json.open_object()
            .member("transaction", *id)
            .member("method", "push")
            .member("factor", asked.factor)
            .member("challenge", id_text("YC", asked.challenge))
            .member("expires_at", asked.expires_at);
        return usecase::Recorded{201, json.close_object().take()};
      });
}

}  // namespace countersign::api::v1
