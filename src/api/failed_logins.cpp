#include "api/failed_logins.h"

#include <utility>

#include "api/run.h"
#include "usecase/failed_login.h"

namespace countersign::api {

void answer_failed_login(const Api& api, const IpAddress& client, http::Reply reply,
                         std::function<http::Response(std::optional<Duration> retry_after)> answer) {
  run(
      api, std::move(reply),
      [&api, client](store::Tx& tx) {
        return usecase::count_failed_login(tx, api.context, client, api.failed_logins_per_ip, api.clock.now());
      },
      [answer = std::move(answer)](const Result<std::optional<Duration>, store::StoreError>& wait) {
        return answer(wait ? *wait : std::nullopt);
      });
}

}  // namespace countersign::api
