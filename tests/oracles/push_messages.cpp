// Writes messages for the subscriptions on standard input, for push.test.mjs: a JSON object a line in, one out.

#include <iostream>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/random.h"
#include "crypto/vapid.h"
#include "crypto/web_push.h"

int main() {
  namespace json = countersign::json;
  namespace crypto = countersign::crypto;
  auto& random = countersign::system_random();
  const crypto::VapidKey vapid(crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random),
                               "mailto:ops@countersign.dev");
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto asked = countersign::parse_json(line);
    CS_CHECK(asked.has_value());
    const auto& one = asked->as_object();
    const auto text = [&](const char* name) { return std::string_view(one.at(name).as_string()); };
    const auto to = crypto::PushRecipient::read(text("p256dh"), text("auth"));
    CS_CHECK(to.has_value());
    const auto body = crypto::encrypt_push(*to, text("text"), one.at("padded_to").to_number<std::size_t>(), random);
    std::cout << countersign::canonical_json(json::object{
                     {"body", countersign::to_base64url(body)},
                     {"authorization", vapid.authorization(text("origin"), countersign::system_clock().now())},
                     {"key", vapid.public_text()}})
              << '\n';
  }
}
