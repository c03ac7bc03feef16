#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/pages/pages.h"
#include "crypto/signing_keys.h"
#include "delivery/http_client.h"
#include "delivery/webhook_sender.h"
#include "support/fixture.h"
#include "usecase/outbox/courier.h"

namespace countersign::testing {

/// A provider that takes every message and keeps it.
class KeepingSender final : public delivery::Sender {
 public:
  void send(delivery::OutgoingMessage message, delivery::ProviderDone<delivery::Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "double"; }
  [[nodiscard]] bool supports(Channel) const override { return true; }

  [[nodiscard]] std::vector<delivery::OutgoingMessage> messages() const;

 private:
  mutable std::mutex mutex_;
  std::vector<delivery::OutgoingMessage> messages_;
};

/// A provider that makes and checks codes itself: 424242 is right.
class KnowingVerifier final : public delivery::Verifier {
 public:
  void start(delivery::VerificationStart start, delivery::ProviderDone<delivery::Accepted> done) override;
  void check(delivery::VerificationCheck check, delivery::ProviderDone<delivery::VerifierVerdict> done) override;
  void cancel(std::string provider_ref, delivery::ProviderDone<Done> done) override;
  [[nodiscard]] std::string_view name() const override { return "verifier"; }
  [[nodiscard]] bool supports(Channel) const override { return true; }
};

/// A fixture whose pages and native API are served: handlers are called with request values, no socket is involved.
class PageHouse {
 public:
  explicit PageHouse(std::string public_url = "https://verify.example.com",
                     std::unique_ptr<store::Store> store = new_test_store());
  ~PageHouse();

  Fixture& fixture() { return fixture_; }
  [[nodiscard]] const api::Api& the_api() const { return api_; }
  /// Holds, and answers the link as a path: `/verify/TX….secret`.
  std::string hold();
  std::string hold(std::string_view policy);
  [[nodiscard]] http::Response ask(http::Request request);
  /// POSTs to the native API as its application does.
  [[nodiscard]] http::Response call(std::string path, std::string body, std::string idempotency_key);
  /// Waits until the courier has nothing left to do.
  void drain() { courier_.drain(system_clock().monotonic() + std::chrono::seconds(20)); }
  [[nodiscard]] std::vector<delivery::OutgoingMessage> messages() const { return sender_.messages(); }
  /// The code sent last.
  [[nodiscard]] std::string code() const;
  api::PageSettings& brands() { return brands_; }

 private:
  Fixture fixture_;
  KeepingSender sender_;
  KnowingVerifier verifier_;
  usecase::Providers providers_;
  delivery::HttpClient outbound_;
  delivery::WebhookSender webhooks_;
  usecase::Courier courier_;
  crypto::Digester digester_;
  usecase::KeyTable keys_;
  usecase::IssuedKey key_;
  crypto::SigningKeys signing_keys_;
  api::Api api_;
  api::PageSettings brands_;
  std::unique_ptr<http::Router> router_;
};

/// Somebody's browser: keeps cookies, follows the redirect after a form, and fills in what a form has hidden.
class Browser {
 public:
  explicit Browser(PageHouse& pages) : pages_(pages) {}

  struct Page {
    int status = 0;
    std::string body;
    std::multimap<std::string, std::string> headers;
    std::string location;  ///< Where a form led to.

    [[nodiscard]] bool says(std::string_view text) const { return body.find(text) != std::string::npos; }
    /// The value of the first hidden field of that name; empty when there is none.
    [[nodiscard]] std::string field(std::string_view name) const;
    [[nodiscard]] std::string header(const std::string& name) const;
    [[nodiscard]] std::string heading() const;
  };

  Page get(std::string_view url, http::Method method = http::Method::kGet);
  /// Posts the fields to `url` and answers the page that it leads to.
  Page post(std::string_view url, const std::vector<std::pair<std::string, std::string>>& fields);
  /// The same, without following.
  Page post_alone(std::string_view url, const std::vector<std::pair<std::string, std::string>>& fields);
  /// Sends the code form of `page` with that code.
  Page check(std::string_view link, const Page& page, std::string_view code);
  Page send(std::string_view link, const Page& page);

  std::map<std::string, std::string>& cookies() { return cookies_; }
  void add_header(std::string name, std::string value) { extra_.emplace_back(std::move(name), std::move(value)); }
  std::string peer = "203.0.113.7";

 private:
  Page ask(http::Request request);

  PageHouse& pages_;
  std::map<std::string, std::string> cookies_;
  std::vector<std::pair<std::string, std::string>> extra_;
};

/// The link of somebody else's transaction, of which no code can be sent through `browser`: one from an address is all,
/// and it has been sent.
[[nodiscard]] std::string one_more_from_her_address(PageHouse& pages, Browser& browser);

}  // namespace countersign::testing
