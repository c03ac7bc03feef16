// Makes and checks proofs of work for pow.test.mjs: a JSON object a line in, one out.

#include <iostream>

#include "base/check.h"
#include "base/json.h"
#include "base/random.h"
#include "crypto/proof_of_work.h"

namespace {

namespace json = countersign::json;
namespace crypto = countersign::crypto;

const crypto::PowSecrets kSecrets{"the signature secret", "the key secret"};

countersign::WallTime time_in(const json::object& asked, std::string_view name) {
  return countersign::WallTime(std::chrono::seconds(*countersign::json_integer(asked, name)));
}

std::string_view name_of(crypto::PowFault fault) {
  switch (fault) {
    case crypto::PowFault::kMalformed:
      return "malformed";
    case crypto::PowFault::kForged:
      return "forged";
    case crypto::PowFault::kElsewhere:
      return "elsewhere";
    case crypto::PowFault::kExpired:
      return "expired";
    case crypto::PowFault::kTooEarly:
      return "too early";
    case crypto::PowFault::kWrong:
      break;
  }
  return "wrong";
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto parsed = countersign::parse_json(line);
    CS_CHECK(parsed && parsed->is_object());
    const auto& asked = parsed->get_object();
    const auto bound_to = countersign::json_text_or_empty(asked, "for");
    if (const auto payload = countersign::json_text(asked, "payload")) {
      const auto solved = crypto::check_pow(kSecrets, *payload, bound_to, time_in(asked, "now"));
      std::cout << (solved ? std::string_view("solved") : name_of(solved.error())) << '\n';
    } else {
      const auto counter = static_cast<std::uint32_t>(*countersign::json_integer(asked, "counter"));
      std::cout << crypto::make_pow_challenge(kSecrets,
                                              {bound_to, time_in(asked, "expires_at"), {}, 50, counter, counter + 3},
                                              countersign::system_random())
                << '\n';
    }
  }
}
